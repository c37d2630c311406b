"""A request is followed across wires from what passed on them, and its time is accounted for."""

import pytest

from cutaway.net.relay import TO_CLIENT, TO_SERVER, Event
from cutaway.system.blueprint import made_of
from cutaway.system.ear import Ear, NotKept
from cutaway.system.trace import Tracer, waterfall
from cutaway.topics.tcp import codec

BLUEPRINT = made_of(
    {
        "slot": [
            {"name": name, "title": name, "does": name}
            for name in ("traffic", "app", "cache", "store")
        ],
        "link": [
            {"from": "traffic", "to": "app", "topic": "t"},
            {"from": "app", "to": "cache", "topic": "t"},
            {"from": "app", "to": "store", "topic": "t"},
        ],
    }
)


class Lines(codec.Lines):
    """With a line of meaning: the line."""

    def says(self, line):
        return line.text.decode()


FRONT, CACHE, STORE = "traffic-to-app", "app-to-cache", "app-to-store"


class Played:
    """Lines that passed: (milliseconds, wire, connection, "> question" or "< answer")."""

    def __init__(self, *said):
        self.ear = Ear({wire.name: Lines for wire in BLUEPRINT.wires})
        self.tracer = Tracer(BLUEPRINT, self.ear)
        offsets = {}
        for at, wire, number, text in said:
            way = TO_SERVER if text[0] == ">" else TO_CLIENT
            words = text[2:].encode() + b"\n"
            key = wire, number, way
            offset = offsets.get(key, 0)
            if text.endswith("passed"):
                self.ear.receive(wire, Event(at / 1000, number, way, offset, b"", "passed"))
                continue
            offsets[key] = offset + len(words)
            self.ear.receive(wire, Event(at / 1000, number, way, offset, words, None))

    def tree(self, at=0):
        return self.tracer.tree(self.tracer.over[FRONT][at])


def drawn(node):
    """(words of the question, children)"""
    exchange = node.exchange
    data = node.exchange.question.says
    assert exchange.wire == node.wire.name
    return (data, [drawn(child) for child in node.children])


def spans(tree):
    return [(round(s.start * 1000), round(s.end * 1000), s.kind, s.where) for s in waterfall(tree)]


ONE = [
    (0, FRONT, 1, "> get milk"),
    (10, CACHE, 1, "> look milk"),
    (20, CACHE, 1, "< none"),
    (30, STORE, 1, "> read milk"),
    (60, STORE, 1, "< white"),
    (70, CACHE, 1, "> keep milk white"),
    (75, CACHE, 1, "< ok"),
    (80, FRONT, 1, "< white"),
]


def test_what_a_part_asks_while_it_is_asked_belongs_to_it():
    assert drawn(Played(*ONE).tree()) == (
        "get milk",
        [("look milk", []), ("read milk", []), ("keep milk white", [])],
    )


def test_every_instant_is_somewhere():
    found = spans(Played(*ONE).tree())
    assert found == [
        (0, 10, "work", "app"),
        (10, 20, "work", "cache"),
        (20, 30, "work", "app"),
        (30, 60, "work", "store"),
        (60, 70, "work", "app"),
        (70, 75, "work", "cache"),
        (75, 80, "work", "app"),
    ]


def test_time_on_a_slow_wire_is_network():
    played = Played(
        (0, FRONT, 1, "> get milk"),
        (5, FRONT, 1, "> passed"),
        (10, STORE, 1, "> read milk"),
        (30, STORE, 1, "> passed"),
        (31, STORE, 1, "< white"),
        (51, STORE, 1, "< passed"),
        (60, FRONT, 1, "< white"),
        (65, FRONT, 1, "< passed"),
    )
    assert spans(played.tree()) == [
        (0, 5, "network", FRONT),
        (5, 10, "work", "app"),
        (10, 30, "network", STORE),
        (30, 31, "work", "store"),
        (31, 51, "network", STORE),
        (51, 60, "work", "app"),
        (60, 65, "network", FRONT),
    ]


TWO = [
    (0, FRONT, 1, "> get milk"),
    (1, FRONT, 2, "> get bread"),
    (10, STORE, 1, "> read bread"),
    (11, STORE, 2, "> read milk"),
    (20, STORE, 1, "< brown"),
    (21, STORE, 2, "< white"),
    (30, FRONT, 1, "< white"),
    (31, FRONT, 2, "< brown"),
]


def test_of_two_at_once_the_one_that_shares_words_is_meant():
    played = Played(*TWO)
    milk, bread = played.tree(0), played.tree(1)
    assert drawn(milk) == ("get milk", [("read milk", [])])
    assert drawn(bread) == ("get bread", [("read bread", [])])
    assert all(node.sure for node in (*milk, *bread))


def test_what_cannot_be_told_is_said():
    same = [(at, wire, number, text.replace("bread", "milk").replace("brown", "white"))
            for at, wire, number, text in TWO]  # fmt: skip
    played = Played(*same)
    trees = [played.tree(0), played.tree(1)]
    nodes = [child for tree in trees for child in tree.children]
    assert len(nodes) == 2, "each is in one tree"
    assert [(node.sure, node.among) for node in nodes] == [(False, 2)] * 2


def test_what_lies_beside_another_is_not_counted_twice():
    played = Played(
        (0, FRONT, 1, "> get milk"),
        (10, CACHE, 1, "> look milk"),
        (12, STORE, 1, "> read milk"),
        (20, CACHE, 1, "< none"),
        (30, STORE, 1, "< white"),
        (40, FRONT, 1, "< white"),
    )
    found = spans(played.tree())
    assert found == [
        (0, 10, "work", "app"),
        (10, 20, "work", "cache"),
        (20, 30, "work", "store"),
        (30, 40, "work", "app"),
    ]


def test_a_request_is_found_by_the_id_of_its_question():
    tracer = Played(*ONE).tracer
    assert tracer.find(f"{FRONT}/1/s/0").question.says == "get milk"
    with pytest.raises(NotKept):
        tracer.find(f"{FRONT}/1/s/9")
