#!/usr/bin/env python3
"""JSON as text, every digit and the order of properties kept. Reads standard input.

file            lays it out as jq does, but loses nothing
compact         without space
get KEY         the text of one property
keys            the names of the properties, one a line
set KEY VALUE   with that property
"""
import json
import re
import sys


class Number(str):
    """A number as it was written."""


class Object(list):
    """(key, value) in order; keys may come twice."""


def parse(text):
    return json.loads(text, object_pairs_hook=Object, parse_int=Number, parse_float=Number,
                      strict=False)


def string(text):
    quoted = json.dumps(text, ensure_ascii=False)
    escape = lambda found: "\\u%04x" % ord(found.group())
    return re.sub("[\ud800-\udfff\x7f]", escape, quoted)


def compact(value):
    return write(value, None)


def write(value, indent=""):
    """indent None: on one line."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return string(value)
    if not isinstance(value, list):
        return json.dumps(value)
    inner = None if indent is None else indent + "  "
    if isinstance(value, Object):
        colon = ":" if indent is None else ": "
        items = [string(key) + colon + write(item, inner) for key, item in value]
        left, right = "{}"
    else:
        items = [write(item, inner) for item in value]
        left, right = "[]"
    if not items or indent is None:
        return left + ",".join(items) + right
    return left + "\n" + inner + (",\n" + inner).join(items) + "\n" + indent + right


def with_property(record, key, value):
    items = [(k, value if k == key else v) for k, v in record]
    return Object(items if key in dict(record) else items + [(key, value)])


def main():
    sys.setrecursionlimit(100000)
    for stream in sys.stdin, sys.stdout:
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    verb, arguments = sys.argv[1], sys.argv[2:]
    value = parse(sys.stdin.read())
    if verb == "file":
        print(write(value))
    elif verb == "compact":
        print(compact(value))
    elif verb == "get":
        print(compact(dict(value)[arguments[0]]))
    elif verb == "keys":
        print("\n".join(string(key) for key, _ in value))
    elif verb == "set":
        print(compact(with_property(value, arguments[0], parse(arguments[1]))))


main()
