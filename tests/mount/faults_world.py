"""The world of one fault: a stand-in, a mount of it, and a port that nobody may come to."""
import http.client
import json
import os
import re
import socket
import ssl
import subprocess

from faults_table import TROUBLES
from model_world import Mount, Server

# So many times longer may everything take, where the programs are built to watch themselves.
SLOWNESS = int(os.environ.get("MOUNT_TESTS_SLOWNESS") or 1)
RESOURCES = ("contact", "company", "note", "task", "opportunity", "case", "comment")
# Which requests of which operation meet a rule. Each operation has a resource of its own.
REQUESTS = {
    "listing": ("GET", "prefix", "/api/company"),
    "read": ("GET", "prefix", "/api/note"),
    "cached": ("GET", "prefix", "/api/contact"),
    "refresh": ("GET", "prefix", "/api/task"),
    "save": ("PUT", "path", "/api/opportunity/1"),
    "create": ("POST", "path", "/api/case"),
    "delete": ("DELETE", "path", "/api/comment/1"),
}


class Certificates:
    """One authority that the mount trusts, and what a server may show instead of its own."""

    def __init__(self, directory):
        self.directory = directory
        os.mkdir(directory)
        self.authority = self.path("authority.cert")
        self.make("authority", "/CN=Authority", ["-x509", "-days", "2"])
        self.issue("good", "IP:127.0.0.1", 2)
        self.issue("expired", "IP:127.0.0.1", -1)
        self.issue("wrong_host", "DNS:crm.invalid", 2)
        self.make("self_signed", "/CN=127.0.0.1",
                  ["-x509", "-days", "2", "-addext", "subjectAltName=IP:127.0.0.1"])

    def path(self, name):
        return f"{self.directory}/{name}"

    def openssl(self, *words):
        subprocess.run(["openssl", *words], check=True, capture_output=True)

    def make(self, name, subject, how, out="cert"):
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                     "-subj", subject, "-keyout", self.path(name + ".key"),
                     "-out", self.path(f"{name}.{out}"), *how)

    def issue(self, name, host, days):
        self.make(name, "/CN=" + name, [], "request")
        with open(self.path(name + ".names"), "w") as file:
            file.write(f"subjectAltName={host}\n")
        self.openssl("x509", "-req", "-in", self.path(name + ".request"), "-days", str(days),
                     "-CA", self.authority, "-CAkey", self.path("authority.key"),
                     "-CAcreateserial", "-extfile", self.path(name + ".names"),
                     "-out", self.path(name + ".cert"))

    def options(self, name):
        return ["--https", self.path(name + ".cert"), self.path(name + ".key")]


class SafeServer(Server):
    """Over TLS. We look at it whatever it shows."""

    def start(self, options):
        super().start(options)
        self.url = self.url.replace("http:", "https:")

    def connect(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=10, context=context)


class Listener:
    """A port of this machine. Nobody may come to it."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/api/contact"

    def was_contacted(self):
        try:
            self.socket.accept()
        except BlockingIOError:
            return False
        return True


class World:
    def __init__(self, build, directory, fault):
        os.makedirs(directory)
        self.fault, self.directory = fault, directory
        self.certificates, self.options = None, ["--contacts", "20"]
        options = f"ttl=3600,timeout={fault.timeout * SLOWNESS}"
        if self.is_of_the_server() and TROUBLES[fault.how]:
            self.certificates = Certificates(directory + "/certificates")
            options += ",cacert=" + self.certificates.authority
        kind = SafeServer if self.certificates else Server
        self.server = kind(build, directory, self.calm_options())
        self.mount = Mount(build, directory, self.server.url, options)
        self.elsewhere = Listener()

    def is_of_the_server(self):
        return isinstance(self.fault.how, str)

    def calm_options(self):
        return self.options + (self.certificates.options("good") if self.certificates else [])

    def begin(self):
        self.server.forget()
        if not self.is_of_the_server():
            for method, key, value in REQUESTS.values():
                self.server.fault({**self.rule(), "method": method, key: value, "times": -1})
            return
        self.server.stop()
        shown = TROUBLES[self.fault.how]
        if shown:
            self.server.start(self.options + self.certificates.options(shown))

    def rule(self):
        rule = dict(self.fault.how)
        if "location" in rule:
            rule["location"] = self.elsewhere.url
        if "bytes" in rule:
            rule["file"] = self.directory + "/body"
            with open(rule["file"], "wb") as file:
                file.write(rule.pop("bytes"))
        return rule

    def end(self):
        """It is calm again."""
        if not self.is_of_the_server():
            self.server.heal()
            return
        if self.server.process.poll() is None:
            self.server.stop()
        self.server.start(self.calm_options())

    def counts(self):
        """{"GET /api/contact": how many}; none of a server that is away."""
        if self.server.process.poll() is not None:
            return {}
        status, body = self.server.ask("GET", "/_sandbox/count")
        assert status == 200, body
        return json.loads(body)["by_path"]

    def errors(self):
        return self.mount.read_control("errors").decode().splitlines()

    def peak_mb(self):
        with open(f"/proc/{self.mount.process.pid}/status") as file:
            return int(re.search(r"VmHWM:\s*(\d+) kB", file.read())[1]) // 1024

    def close(self):
        self.elsewhere.socket.close()
        status = self.mount.stop()
        self.server.stop()
        return status
