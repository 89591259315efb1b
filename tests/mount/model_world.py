"""The real side: a stand-in server and a mount of it, for one run of the model."""
import base64
import ctypes
import http.client
import json
import os
import subprocess
import time

from model_json import parse

TOKEN = "sandbox-token"
MNT_DETACH = 2


def eventually(what, condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"this never came true: {what}")
        time.sleep(0.005)


class Server:
    """The stand-in and its control interface."""

    def __init__(self, build, directory, options):
        self.build, self.directory, self.port = build, directory, 0
        self.token = base64.b64encode(f"{TOKEN}:X".encode()).decode()
        self.start(options)

    def start(self, options):
        """Again on the port that it had, if it was stopped."""
        port_file = self.directory + "/port"
        if os.path.exists(port_file):
            os.unlink(port_file)
        self.process = subprocess.Popen(
            [self.build + "/tests/sandbox/clevertim-sandbox", "--port", str(self.port),
             "--port-file", port_file, "--die-with-parent", *options], stdout=subprocess.DEVNULL)
        eventually("the server answers", lambda: os.path.exists(port_file))
        with open(port_file) as file:
            self.port = int(file.read())
        self.url = f"http://127.0.0.1:{self.port}/api"
        self.connection = None

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def ask(self, method, path, body=None):
        """(status, bytes)"""
        for last in False, True:
            try:
                if not self.connection:
                    self.connection = self.connect()
                self.connection.request(method, path, body,
                                        {"Authorization": "Basic " + self.token})
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                self.connection = None
                if last:
                    raise

    def listing(self, resource):
        """{id: record} of all that it has."""
        status, body = self.ask("GET", f"/api/{resource}")
        assert status == 200, (resource, status)
        return {str(record["id"]): record for record in parse(body)["content"]}

    def record(self, resource, identity):
        """The exact bytes, or None."""
        status, body = self.ask("GET", f"/_sandbox/record/{resource}/{identity}")
        return body if status == 200 else None

    def set_record(self, resource, identity, text):
        status, body = self.ask("PUT", f"/_sandbox/record/{resource}/{identity}", text.encode())
        assert status < 300, body

    def delete_record(self, resource, identity):
        self.ask("DELETE", f"/_sandbox/record/{resource}/{identity}")

    def fault(self, rule):
        status, body = self.ask("POST", "/_sandbox/fault", json.dumps(rule))
        assert status < 300, (rule, body)

    def heal(self):
        self.ask("DELETE", "/_sandbox/fault")

    def forget(self):
        self.ask("DELETE", "/_sandbox/log")

    def requests(self):
        """Those since `forget`, once all that arrived have been answered."""
        def all_are_answered():
            lines = self.ask("GET", "/_sandbox/log")[1].splitlines()
            count = json.loads(self.ask("GET", "/_sandbox/count")[1])
            self.lines = [json.loads(line) for line in lines]
            return len(lines) == sum(count.get(method, 0)
                                     for method in ("GET", "PUT", "POST", "DELETE"))
        eventually("the server has answered all", all_are_answered)
        return self.lines

    def stop(self):
        self.process.kill()
        self.process.wait()


class Mount:
    def __init__(self, build, directory, url, options):
        self.directory = directory + "/crm"
        os.mkdir(self.directory)
        self.control = self.directory + "/.clevertimfs"
        self.process = subprocess.Popen(
            [build + "/fs/clevertimfs", "-f", "-o", f"state_dir={directory}/state,{options}",
             url, self.directory], env={**os.environ, "CLEVERTIM_TOKEN": TOKEN})
        eventually("it is mounted", lambda: os.path.exists(self.control + "/status"))

    def path(self, resource, name=""):
        return f"{self.directory}/{resource}/{name}"

    def read_control(self, name):
        with open(f"{self.control}/{name}", "rb") as file:
            return file.read()

    def last_error(self):
        lines = self.read_control("errors").decode(errors="replace").splitlines()
        return lines[-1] if lines else ""

    def refresh(self, path="all"):
        with open(self.control + "/refresh", "w") as file:
            file.write(path + "\n")

    def drafts(self, resource):
        """{name: bytes}, reasons included."""
        directory = f"{self.control}/drafts/{resource}"
        kept = {}
        for name in os.listdir(directory) if os.path.isdir(directory) else []:
            with open(f"{directory}/{name}", "rb") as file:
                kept[name] = file.read()
        return kept

    def stop(self):
        """The exit status; it must end."""
        self.process.terminate()
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            ctypes.CDLL(None).umount2(self.directory.encode(), MNT_DETACH)
            return "none: it did not end"


class World:
    def __init__(self, build, directory, server_options, mount_options):
        os.makedirs(directory)
        self.directory = directory
        self.server = Server(build, directory, server_options)
        self.mount = Mount(build, directory, self.server.url, mount_options)
        self.server.forget()

    def close(self):
        self.server.heal()
        status = self.mount.stop()
        self.server.stop()
        return status
