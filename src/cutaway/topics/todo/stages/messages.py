"""What clients ask, and what a to-do looks like in an answer.

    created("a", "milk")        POST, 201, and its place and tag are kept: {a}, {a tag}
    send(get("{a}"), fill=True), expect(status=200, body=todo(title="milk", done=False))

Bodies are compared as JSON: the order of members and white space are the program's business.

Left out: the cases.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ....grade.given import Given, Passed
from ....grade.linked import over
from ....grade.matchers import Matcher, matching
from ....grade.stage import Step
from ....grade.steps import expect, pause, send
from ....net.relay import CLEAR, Link
from ...cache.codec import Command, Push, Resp
from ...http1.codec import Fields, Request

PLACE = matching(rb"(https?://[^/]+)?/todos/[A-Za-z0-9_-]{1,64}", "Location: /todos/ID")
TAG = matching(rb'"[\x21\x23-\x7e\x80-\xff]*"', "a strong ETag, in quotes")
JSON_TYPE = matching(rb"(?i)application/json(\s*;.*)?", "application/json")
PROBLEM_TYPE = matching(rb"(?i)application/problem\+json(\s*;.*)?", "application/problem+json")
MEMBERS = ("id", "title", "done", "created")
#: Where slowness is not the matter, everybody may take their time: this machine may be busy.
PATIENT = {"CACHE_MS": "5000", "STORE_MS": "10000"}


class Server(Resp):
    """RESP, of which pushes are said to nobody."""

    @staticmethod
    def unasked(message: Any) -> bool:
        return isinstance(message, Push)


RUN = (sys.executable, "-m", "cutaway.topics.cache.server")
FLUSH = Command((b"FLUSHALL",))
STORE = Given(
    name="store",
    run=RUN,
    codec=Server,
    called="the store",
    variable="STORE",
    settings={"APPENDONLY": "yes", "APPENDFSYNC": "always"},
    clears=FLUSH,
)
CACHE = Given(
    name="cache", run=RUN, codec=Server, called="the cache", variable="CACHE", clears=FLUSH
)


def request(method: str, target: str, *fields: tuple[bytes, bytes]) -> Request:
    host: Fields = ((b"Host", b"localhost"),)
    return Request(method=method.encode(), target=target.encode(), fields=(*host, *fields))


def get(target: str, *fields: tuple[bytes, bytes]) -> Request:
    return request("GET", target, *fields)


def with_body(method: str, target: str, body: object, *fields: tuple[bytes, bytes]) -> Request:
    """body: octets as they are, or a value that goes out as JSON."""
    octets = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    names = {name.lower() for name, _ in fields}
    kind = () if b"content-type" in names else ((b"Content-Type", b"application/json"),)
    said: Fields = (
        (b"Host", b"localhost"),
        *kind,
        *fields,
        (b"Content-Length", b"%d" % len(octets)),
    )
    return Request(method=method.encode(), target=target.encode(), fields=said, body=octets)


def post(body: object, *fields: tuple[bytes, bytes]) -> Request:
    return with_body("POST", "/todos", body, *fields)


def put(place: str, title: str, done: bool, tag: str = "*") -> Request:
    body = {"title": title, "done": done}
    return with_body("PUT", place, body, (b"If-Match", tag.encode()))


def place(name: str) -> str:
    """Where what was kept under that name is put in."""
    return "{" + name + "}"


def created(name: str, title: str, on: str = "main") -> tuple[Step, ...]:
    """One more to-do; its place is {name}, its tag {name tag}."""
    wanted = {"location": PLACE, "etag": TAG, "content-type": JSON_TYPE}
    keep = {name: "header location", f"{name} tag": "header etag"}
    return (
        send(post({"title": title}), on=on),
        expect(on=on, status=201, header=wanted, body=todo(title=title, done=False), keep=keep),
    )


def shows(name: str, on: str = "main", **members: object) -> tuple[Step, ...]:
    """GET of what was kept answers a to-do with these members."""
    return (
        send(get(place(name)), on=on, fill=True),
        expect(on=on, status=200, header={"etag": TAG}, body=todo(**members)),
    )


def changed(name: str, title: str, done: bool = False, on: str = "main") -> tuple[Step, ...]:
    return (
        send(put(place(name), title, done), on=on, fill=True),
        expect(on=on, status=200, body=todo(title=title, done=done)),
    )


def refused(status: int, message: Request) -> tuple[Step, ...]:
    """Answered with a problem document of that status."""
    said = {"content-type": PROBLEM_TYPE}
    return (send(message, fill=True), expect(status=status, header=said, body=problem(status)))


def at_once(*steps: Step) -> tuple[Step, ...]:
    """What is asked meanwhile has been put to the store before anybody has its answer: the answers
    of the store wait, and come together."""
    waits = over("store", to_client=Link(stalled=True))
    return (waits, *steps, pause(0.3), over("store", CLEAR))


# Bodies.


def parsed(octets: object) -> Any:
    """The JSON, or None where it is none."""
    try:
        return json.loads(octets if isinstance(octets, bytes) else b"")
    except ValueError:
        return None


def looks(
    says: str, check: Callable[[Any], bool], tells: Callable[[dict[str, Any]], str] = lambda _: ""
) -> Matcher:
    """Of the JSON in a body, that is true. tells: what an object is that is otherwise."""

    def told(octets: object) -> str:
        value = parsed(octets)
        return tells(value) if isinstance(value, dict) else ""

    return Matcher(says, lambda octets: bool(check(parsed(octets))), told)


def same_json(before: object) -> Matcher:
    """The same value as before: how it is written is the program's business."""
    value = parsed(before)
    said = f": {json.dumps(value, ensure_ascii=False)[:200]}" if value is not None else ""
    return looks(
        f"the same JSON as before{said}", lambda found: found is not None and found == value
    )


def members_of(value: Mapping[str, object], *names: str) -> str:
    """title "milk", done missing"""
    return ", ".join(
        f"{name} {json.dumps(value[name], ensure_ascii=False) if name in value else 'missing'}"
        for name in names
    )[:300]


def todo(**members: object) -> Matcher:
    """A to-do with these members."""

    def check(value: Any) -> bool:
        if not isinstance(value, dict) or not {*MEMBERS} <= value.keys():
            return False
        return all(
            value[name] == wanted and type(value[name]) is type(wanted)
            for name, wanted in members.items()
        )

    def tells(value: dict[str, Any]) -> str:
        lacking = [name for name in MEMBERS if name not in value]
        return members_of(value, *dict.fromkeys([*members, *lacking]))

    said = members_of(members, *members)
    return looks(f"a to-do (id, title, done, created) with {said}", check, tells)


def problem(status: int, *fields: str) -> Matcher:
    """A problem document; with an entry in errors for each of these members."""

    def check(value: Any) -> bool:
        if not isinstance(value, dict) or value.get("status") != status:
            return False
        if not isinstance(value.get("title"), str):
            return False
        errors = value.get("errors", []) if fields else []
        return isinstance(errors, list) and {*fields} == {named(error) for error in errors}

    def tells(value: dict[str, Any]) -> str:
        return members_of(value, "title", "status", *(["errors"] if fields else []))

    said = f", and errors that name {' and '.join(fields)}" if fields else ""
    return looks(f"a problem document with a title and status {status}{said}", check, tells)


def named(error: object) -> object:
    return error.get("field") if isinstance(error, dict) else None


def titles(*wanted: str, more: bool | None = None) -> Matcher:
    """A list with just these titles in this order. more: whether a page follows."""

    def check(value: Any) -> bool:
        if not isinstance(value, dict) or not isinstance(value.get("todos"), list):
            return False
        if "next" not in value or (more is not None and more is (value["next"] is None)):
            return False
        found = [each.get("title") for each in value["todos"] if isinstance(each, dict)]
        return found == [*wanted]

    def tells(value: dict[str, Any]) -> str:
        listed = value.get("todos")
        if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
            return ""
        found = ", ".join(str(each.get("title")) for each in listed)
        return f"the titles {found[:300] or '(none)'}, and {members_of(value, 'next')}"

    follows = {None: "", True: ", and a next page", False: ", and next null"}[more]
    return looks(f"todos with the titles {', '.join(wanted) or '(none)'}{follows}", check, tells)


# What passed to a part.


def seen(says: str, check: Callable[[Sequence[Passed]], bool]) -> Matcher:
    return Matcher(says, check)


def nothing_asked() -> Matcher:
    """No question but such as keep a connection alive."""
    quiet = b"PING ECHO HELLO CLIENT SELECT INFO AUTH COMMAND UNWATCH DISCARD RESET QUIT".split()
    return seen(
        "no question about a to-do",
        lambda passed: all(one.asked.name in quiet for one in passed),
    )


def asked_something() -> Matcher:
    return seen("some command", lambda passed: len(passed) > 0)
