"""What a report says of a body that is not as asked: the part that matters, and not its first octets."""

import json

import pytest

from cutaway.grade.matchers import Matcher
from cutaway.topics.todo.stages.messages import problem, titles, todo

MILK = {"id": "k1", "title": "milk", "done": False, "created": "2026-11-21T08:00:00Z"}


@pytest.mark.parametrize(
    ("wanted", "found", "told"),
    [
        (titles("bread"), {"todos": [MILK], "next": None}, "the titles milk, and next null"),
        (titles(), {"todos": []}, "the titles (none), and next missing"),
        (titles(), {"todos": "milk"}, ""),
        (titles(), [MILK], ""),
        (todo(title="bread"), MILK, 'title "milk"'),
        (todo(title="milk"), {"title": "milk", "id": "k1"}, 'title "milk", done missing, created missing'),
        (problem(422, "title"), {"title": "No", "status": 400}, 'title "No", status 400, errors missing'),
        (problem(404), {"status": 404}, "title missing, status 404"),
    ],
)  # fmt: skip
def test_a_body_is_told_by_what_matters(wanted: Matcher, found: object, told: str) -> None:
    octets = json.dumps(found).encode()
    assert not wanted.matches(octets)
    assert wanted.tells(octets) == told


def test_what_is_no_json_is_shown_as_it_is() -> None:
    assert titles().tells(b"<html>") == todo().tells(None) == ""
