"""The hints of COMMAND DOCS: taken apart and put together again they are the same text."""

import pytest

from cutaway.topics.cache.commands import BY_NAME, PARTS
from cutaway.topics.cache.hints import FORMS, Argument, helped, read


def drawn(of: Argument) -> str:
    """An argument as redis-cli draws it."""
    between = "|" if of.kind == "oneof" else " "
    text = between.join(map(drawn, of.parts)) or (of.name if of.kind == "string" else of.token)
    again = f" [{text} ...]" if of.multiple else ""
    ahead = f"{of.token} " if of.token and of.kind != "pure-token" else ""
    return f"[{ahead}{text}{again}]" if of.optional else f"{ahead}{text}{again}"


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_put_together_as_it_was(name: bytes) -> None:
    assert " ".join(map(drawn, read(FORMS[name]))) == FORMS[name]


def test_every_command_that_takes_words_has_a_form_and_no_other() -> None:
    taking = {name for name, command in BY_NAME.items() if command.most > 1}
    assert FORMS.keys() == taking - {b"QUIT"}  # which takes words and does nothing with them


def test_an_argument_of_several_words_may_come_again_as_one() -> None:
    again = Argument("block", "block", multiple=True)
    again.parts = (Argument("string", "field"), Argument("string", "value"))
    assert read("key field value [field value ...]") == (Argument("string", "key"), again)


@pytest.mark.parametrize("name", [b"CLIENT", b"COMMAND", b"CONFIG", b"PUBSUB"])
def test_help_names_every_part(name: bytes) -> None:
    said = {line.split()[0] for line in helped(name).split(b"\r\n+")[2:]}
    assert said == PARTS[name.decode()].keys()
