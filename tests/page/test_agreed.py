"""Page and program agree: the page's types hold, and the machine answers as it is described."""

import json

import msgspec
import pytest

from cutaway.web.asks import JSON
from cutaway.web.machine import MachineArea
from tests.page.conftest import asked
from tools import frontend

ASKS = {(ask.method, ask.template): ask for ask in MachineArea.asks()}


def shape_of(template, method="GET"):
    return ASKS[method, template].answers[JSON]


@pytest.mark.timeout(300)
def test_the_page_asks_for_what_there_is(built):
    frontend.check()


def test_the_machine_answers_as_it_is_described(page):
    picture = asked(page, "machine")
    wire, part = picture["wires"][0]["name"], picture["parts"][0]
    messages = asked(page, f"wires/{wire}/messages?limit=3")
    requests = asked(page, "requests?limit=3")
    answers = [
        ("/machine", picture),
        ("/wires/{wire}/messages", messages),
        ("/requests", requests),
        ("/parts/{part}/printed", asked(page, f"parts/{part['name']}/printed")),
        ("/slots/{slot}", asked(page, f"slots/{part['slot']}")),
        *[("/messages/{id}", asked(page, f"messages/{one['id']}")) for one in messages[-1:]],
        *[("/requests/{id}", asked(page, f"requests/{one['id']}")) for one in requests[-1:]],
    ]
    for template, said in answers:
        read = msgspec.convert(said, shape_of(template), strict=True)
        assert json.loads(msgspec.json.encode(read)) == said, template
