"""The reference, a layer at a time: what needs no connection is tried without one."""

import asyncio
import json

import pytest

from cutaway.net.settings import BadSetting
from cutaway.topics.todo.errors import Missing, NotJson, Unreadable, Wrong
from cutaway.topics.todo.link import Away
from cutaway.topics.todo.messages import Answer, Asked, Handler
from cutaway.topics.todo.middleware import careful, chain, recovered
from cutaway.topics.todo.routes import Routes
from cutaway.topics.todo.settings import read_settings
from cutaway.topics.todo.validation import Draft, Query, draft_of, is_key, query_of

JSON = b"application/json"


def answered(handler: Handler, method: str, target: str) -> Answer:
    path, _, query = target.encode().partition(b"?")
    return asyncio.run(_run(handler, Asked(method.encode(), path, query)))


async def _run(handler: Handler, asked: Asked) -> Answer:
    return await handler(asked)


def says(text: str) -> Handler:
    async def handler(asked: Asked) -> Answer:
        return Answer(200, (text + asked.parameters.get("id", "")).encode())

    return handler


def fails(error: Exception) -> Handler:
    async def handler(asked: Asked) -> Answer:
        raise error

    return handler


def routes() -> Routes:
    made = Routes()
    made.on("GET", "/todos", says("list"))
    made.on("POST", "/todos", says("create"))
    made.on("GET", "/todos/{id}", says("read "))
    made.on("GET", "/todos/new", says("new"))
    return made


@pytest.mark.parametrize(
    ("method", "target", "status", "body"),
    [
        ("GET", "/todos", 200, b"list"),
        ("HEAD", "/todos", 200, b"list"),
        ("POST", "/todos?x=1", 200, b"create"),
        ("GET", "/todos/k1", 200, b"read k1"),
        ("GET", "/todos/%6b1", 200, b"read k1"),
        ("GET", "/todos/new", 200, b"new"),
        ("GET", "/todos/", 404, None),
        ("GET", "/todos/a%2Fb", 404, None),
        ("GET", "/todos/a/b", 404, None),
        ("GET", "//todos", 404, None),
        ("GET", "/todos%2Fnew", 404, None),
        ("GET", "/todos/" + "a" * 65, 404, None),
        ("PUT", "/todos", 405, None),
    ],
)
def test_a_path_leads_to_its_handler(
    method: str, target: str, status: int, body: bytes | None
) -> None:
    answer = answered(routes(), method, target)
    assert answer.status == status
    assert body is None or answer.body == body


def test_a_method_that_is_not_there_says_which_are() -> None:
    assert answered(routes(), "PUT", "/todos").fields[b"Allow"] == b"GET, HEAD, POST"


def test_two_handlers_for_one_thing_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="has a handler already"):
        routes().on("GET", "/todos", says("again"))


@pytest.mark.parametrize(
    ("error", "status"),
    [(Missing("x"), 404), (Unreadable("x"), 400), (Away(), 503), (KeyError("secret"), 500)],
)
def test_every_error_becomes_a_problem(
    error: Exception, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = answered(chain(fails(error), recovered, careful), "GET", "/")
    assert answer.status == status == json.loads(answer.body)["status"]
    assert b"secret" not in answer.body
    assert ("KeyError" in capsys.readouterr().err) == (status == 500)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["title", "done"]),
        ({"title": "a" * 201, "done": 1}, ["title", "done"]),
        ({"title": "a\x85", "done": True}, ["title"]),
    ],
)
def test_all_that_is_wrong_is_named(body: object, fields: list[str]) -> None:
    with pytest.raises(Wrong) as wrong:
        draft_of(JSON, b"", json.dumps(body).encode(), done_needed=True)
    assert [member.field for member in wrong.value.members] == fields


def test_a_good_body_is_a_draft() -> None:
    body = '{"title": " Käse ", "more": [1]}'.encode()
    assert draft_of(b"application/JSON;charset=utf-8", b"", body, False) == Draft(" Käse ", False)


@pytest.mark.parametrize("kind", [b"", b"text/json", b"application/jsonx"])
def test_another_kind_is_not_json(kind: bytes) -> None:
    with pytest.raises(NotJson):
        draft_of(kind, b"", b"{}", False)


@pytest.mark.parametrize("query", [b"limit=0", b"limit=1_0", b"done=1", b"q=a&q=b", b"q=%ff"])
def test_a_query_that_makes_no_sense_is_unreadable(query: bytes) -> None:
    with pytest.raises(Unreadable):
        query_of(query)


def test_a_query_is_read() -> None:
    assert query_of(b"q=a+b%26&done=false&limit=7&after=41&x=1&x=2") == Query("a b&", False, 7, 41)


@pytest.mark.parametrize(("key", "good"), [(b"k", True), (b"", False), (b"a b", False)])
def test_a_key_is_visible_characters(key: bytes, good: bool) -> None:
    assert is_key(key) is good


@pytest.mark.parametrize("environ", [{}, {"STORE": "6379"}, {"STORE": "a:1", "TTL_MS": "0"}])
def test_a_setting_that_cannot_be_stops_the_program(environ: dict[str, str]) -> None:
    with pytest.raises(BadSetting):
        read_settings(environ)
