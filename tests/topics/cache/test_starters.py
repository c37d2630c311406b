"""The starters solve the first stage and leave the second to do. (That they pass: tests/cli.)"""

import importlib.util
from types import ModuleType

import pytest

from cutaway.workshop import catalog

STARTERS = catalog.topic("cache").folder / "starters"
ECHO = b"*2\r\n$4\r\nECHO\r\n$5\r\nal\r\na\r\n"


@pytest.fixture(scope="module")
def starter() -> ModuleType:
    spec = importlib.util.spec_from_file_location("s", STARTERS / "python" / "cache_server.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (ECHO, [b"ECHO", b"al\r\na"]),
        (b"PING\r\n", [b"PING"]),
        (b"  ECHO  a \r\n", [b"ECHO", b"a"]),
        (b"*1\r\n$0\r\n\r\n", [b""]),
        (b"*0\r\n", []),
        (b"\r\n", []),
    ],
)
def test_a_whole_command_is_its_words(starter: ModuleType, data: bytes, words: list[bytes]) -> None:
    assert starter.parse(data) == words


@pytest.mark.parametrize("whole", [ECHO, b"PING\r\n"])
def test_every_part_of_a_command_asks_for_more(starter: ModuleType, whole: bytes) -> None:
    assert [starter.parse(whole[:end]) for end in range(len(whole))] == [None] * len(whole)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ([b"PING"], b"+PONG\r\n"),
        ([b"pInG", b"a"], b"$1\r\na\r\n"),
        ([b"ECHO", b""], b"$0\r\n\r\n"),
        ([b"ECHO"], b"-ERR"),
        ([b"NO\r\nPE"], b"-ERR"),
    ],
)
def test_an_answer_begins_with_its_kind(
    starter: ModuleType, words: list[bytes], answer: bytes
) -> None:
    found = starter.answer(words)
    assert found.startswith(answer)
    assert found.endswith(b"\r\n")


@pytest.mark.parametrize("file", ["python/cache_server.py", "node/cache.js", "go/main.go"])
def test_what_is_left_to_do_is_marked_in_each_language(file: str) -> None:
    text = (STARTERS / file).read_text()
    goals = ["bound it", "frame it", "parse it", "recover"]
    assert [goal for goal in goals if f"{goal}:" not in text] == []
    assert "what stands behind the command is the next one; here it is thrown away" in text
