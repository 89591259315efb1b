"""What chance does: operations, each a plain dict that says all there is to say, for a replay."""
import random

from model_ops import CREATES, DELETES, SAVES

WORDS = ["Rome", "Köln", "Zoë \"the\" boss", "a/b\\c", "tab\tnew\nline", "", "日本", "x" * 300, "🙂"]
NEW_KEYS = ["extra", "x1", "x2", "weird key", "ünï"]
KEYS = {
    "contact": ["city", "title", "description", "postcode", "tags"],
    "company": ["city", "cn", "description", "website"],
    "note": ["desc"],
    "task": ["name", "is_completed"],
}
NEEDS = {"contact": "ln", "company": "cn", "note": "desc", "task": "name"}
RESOURCES = ["contact"] * 6 + ["company", "note", "task"]
FAULTY_SAVE = ["incomplete", "array", "twice", "other_id", "read_only", "behind", "empty", "blank"]


class Chooser:
    def __init__(self, seed, troubled):
        self.rng = random.Random(seed)
        self.troubled = troubled
        self.created = 0

    def value(self):
        rng = self.rng
        return rng.choice([
            lambda: '"%s"' % rng.choice(["Rome", "Oslo", "K\\u00f6ln", "Zo\u00eb", "a\\/b", "\\n"]),
            lambda: self.quoted(rng.choice(WORDS) + str(rng.randrange(100))),
            lambda: rng.choice(["12345678901234567890123", "4500.00", "1E+2", "-0", "0.1", "7"]),
            lambda: rng.choice(["true", "false", "null", "null"]),
            lambda: rng.choice(["[]", "{}", '["a", {"b": [1.50]}]', '[{"no": "1", "type": "W"}]']),
        ])()

    @staticmethod
    def quoted(text):
        import json
        return json.dumps(text, ensure_ascii=False)

    def changes(self, resource):
        keys = KEYS[resource] + NEW_KEYS
        chosen = self.rng.sample(keys, self.rng.choice([0, 1, 1, 1, 2, 3]))
        return {key: self.value() for key in chosen}

    def fault(self, methods):
        rng = self.rng
        if not self.troubled or rng.random() < 0.65:
            return []
        rules = []
        for _ in range(rng.choice([1, 1, 1, 2])):
            rule = {"method": rng.choice(methods), "times": rng.choice([1, 1, 1, 2, -1]),
                    "skip": rng.choice([0, 0, 0, 1])}
            kind = rng.choice(["status", "status", "lost", "reset", "truncate", "delay",
                               "reset_after", "truncate_close", "partial"])
            rule["kind"] = kind
            if kind == "status":
                rule["status"] = rng.choice([500, 503, 409, 400, 403, 502])
            if kind == "delay":
                rule["ms"] = rng.choice([20, 200])
            rules.append(rule)
        return rules

    def text(self, resource):
        """What is to be written, as it is made of the version that is read then."""
        rng = self.rng
        spec = {"set": self.changes(resource), "whole": rng.random() < 0.5,
                "read": rng.random() < 0.6, "layout": rng.choice(["file", "line", "shuffled"])}
        if spec["whole"] and rng.random() < 0.3:
            spec["without"] = rng.randrange(12)
        if rng.random() < 0.12:
            spec["wrong"] = rng.choice(FAULTY_SAVE)
        return spec

    def save(self, key):
        resource = key.split("/")[0]
        return {"op": "save", "record": key, "how": self.rng.choice(SAVES),
                "by_alias": self.rng.random() < 0.3, "text": self.text(resource),
                "between": self.between(key), "faults": self.fault(["GET", "PUT", "PUT", "PUT"])}

    def between(self, key):
        """What somebody else does between the look at the record and the save."""
        if self.rng.random() < 0.75:
            return None
        return {"set": self.changes(key.split("/")[0]), "refresh": self.rng.random() < 0.3}

    def create(self, known):
        rng = self.rng
        self.created += 1
        resource = rng.choice(RESOURCES)
        if rng.random() < 0.1:
            resource = "contact"
        own = {NEEDS[resource]: self.quoted(f"New {self.created} {rng.choice(WORDS)}"),
               **self.changes(resource)}
        copied = rng.choice(known) if rng.random() < 0.3 else None
        return {"op": "create", "key": f"{resource}/new{self.created}",
                "name": rng.choice(["new%d.json", "Zoë %d.json", "%d a.json"]) % self.created,
                "how": rng.choice(CREATES), "copy_of": copied,
                "set": own, "lacking": rng.random() < 0.08,
                "wrong": rng.choice(["incomplete", "array", "twice", "empty"])
                if rng.random() < 0.1 else None,
                "faults": self.fault(["GET", "POST", "POST", "POST"])}

    def hold(self, keys, known):
        rng = self.rng
        return {"op": "hold", "record": rng.choice(keys), "slot": rng.randrange(3),
                "mode": rng.choice(["read", "read", "write", "truncate", "both", "append"])}

    def use_held(self, keys, known):
        rng = self.rng
        verb = rng.choice(["write", "write", "read", "sync", "close", "dup", "truncate", "text",
                           "text"])
        faults = self.fault(["GET", "PUT", "PUT"]) if verb in ("close", "dup") else []
        return {"op": "held", "slot": rng.randrange(3), "verb": verb, "offset": rng.randrange(400),
                "data": rng.choice(["x", " ", "}", "\n", "Oslo", '"city"']),
                "text": self.text("contact"), "size": rng.randrange(600), "faults": faults}

    def elsewhere(self, keys, known):
        rng = self.rng
        kind = rng.choices(["set", "delete", "create"], [8, 1, 2])[0]
        self.created += 1
        key = rng.choice(keys)
        resource = rng.choice(RESOURCES) if kind == "create" else key.split("/")[0]
        return {"op": "elsewhere", "kind": kind, "record": key, "set": self.changes(resource),
                "key": f"{resource}/else{self.created}", "refresh": rng.random() < 0.4}

    def other(self, keys, known):
        rng, key = self.rng, self.rng.choice(keys)
        return rng.choice([
            {"op": "refresh", "path": rng.choice(["all", "all", key + ".json", key.split("/")[0]])},
            {"op": "read", "record": key, "by_alias": rng.random() < 0.3},
            {"op": "read_part", "record": key, "offset": rng.randrange(800),
             "length": rng.randrange(1, 500)},
            {"op": "list", "resource": rng.choice(RESOURCES)},
            {"op": "shelve", "record": key, "way": rng.choice(["back", "leave"])},
            {"op": "refused", "record": key, "other": rng.choice(keys),
             "way": rng.choice(["onto", "into", "link", "mkdir", "rmdir", "mknod", "symlink",
                                "truncate", "exclusive"])},
            {"op": "harmless", "record": key,
             "way": rng.choice(["chmod", "utimens", "touch", "open_close", "xattr"])},
            {"op": "untouchable", "resource": rng.choice(["comment", "user", "group"])},
            {"op": "retry", "record": key, "drop": rng.random() < 0.3},
            {"op": "touch_new", "resource": key.split("/")[0], "name": f"t{rng.randrange(99)}.json"},
        ])

    def next(self, keys, known):
        """keys: records that there are; known: those that ever were."""
        rng = self.rng
        if len(keys) < 8:
            return self.elsewhere(known, known) | {"kind": "create"}
        way = rng.choices(["save", "create", "delete", "hold", "held", "elsewhere", "other", "all"],
                          [30, 8, 5, 7, 18, 9, 18, 2])[0]
        if way == "save":
            return self.save(rng.choice(keys if rng.random() < 0.95 else known))
        if way == "create":
            return self.create(keys)
        if way == "delete":
            return {"op": "delete", "record": rng.choice(keys), "how": rng.choice(DELETES),
                    "by_alias": rng.random() < 0.3, "faults": self.fault(["GET", "DELETE", "DELETE"])}
        if way == "all":
            return {"op": "look_at_all"}
        return {"hold": self.hold, "held": self.use_held, "elsewhere": self.elsewhere,
                "other": self.other}[way](keys, known)
