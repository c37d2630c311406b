"""What passed where a case failed is read once more, as far as it can be, and every octet has a name."""

import pytest

from cutaway.grade.evidence import KEPT, Evidence, Passing, Stretch
from cutaway.net.recorded import Event
from cutaway.web.checked import LEAVES, shown
from cutaway.workshop import catalog

STAGE = catalog.stage("http1/paths")
ASKED = b"GET /echo/alpha HTTP/1.1\r\nHost: a\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nalpha"


def opened(arrived, sent=ASKED, offset=None, length=1, stage=STAGE, **options):
    came = arrived if isinstance(arrived, Stretch) else Stretch(data=arrived, size=len(arrived))
    line = Passing(
        name="main",
        who="your server sent",
        asks=options.pop("asks", False),
        sent=Stretch(data=sent, size=len(sent)),
        arrived=came,
        **options,
    )
    told = shown(Evidence(lines=(line,), offset=offset, length=length), stage)
    return told, told.connections[0]


def leaves(side):
    return [(p.start, p.end, p.name) for p in side.opened.pieces if p.leaf]


def tiled(side):
    """Every octet is in one leaf."""
    at = 0
    for start, end, _ in leaves(side):
        assert start == at
        at = end
    assert at == len(side.opened.octets) // 2


def test_each_message_is_a_turn_of_the_conversation_at_its_time():
    events = (
        Event(0.001, "→", 0, len(ASKED)),
        Event(0.002, "←", 0, 10),
        Event(0.004, "←", 10, len(ANSWER) - 10),
    )
    _, line = opened(ANSWER, events=events, began=1.0)
    assert [(t.way, t.at, t.writes, t.says) for t in line.turns] == [
        ("sent", 1.001, 1, "GET /echo/alpha"),
        ("came", 1.002, 2, "200 OK · 5 bytes"),
    ]
    tiled(line.came)
    tiled(line.sent)


def test_an_answer_is_read_by_the_question_it_answers():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    _, line = opened(head, sent=b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert [t.broken for t in line.turns if t.way == "came"] == [""]


def test_what_breaks_the_wire_has_the_name_of_what_was_expected_there():
    bad = b"HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nalpha"
    at = bad.index(b"0x5")
    told, line = opened(bad, offset=at, length=3)
    assert told.mark == (at, at + 3)
    tiled(line.came)
    start, end, name = next(leaf for leaf in leaves(line.came) if leaf[0] == at)
    assert (end, name) != (start, "not read")
    assert leaves(line.came)[-1][2] == "not read"
    assert line.turns[-1].broken


@pytest.mark.parametrize(
    ("ended", "says"), [("", "still open"), ("closed", "was closed"), ("reset", "was reset")]
)
def test_where_nothing_came_the_end_is_a_place_of_its_own(ended, says):
    told, line = opened(ANSWER[:30], offset=30, ended=ended)
    assert told.mark == (30, 31)
    last = line.came.opened.pieces[-1]
    assert (last.start, last.end, last.leaf) == (30, 30, True)
    assert says in last.means


def test_the_middle_of_a_long_message_is_shown_and_not_read():
    data = b"x" * KEPT
    told, line = opened(
        Stretch(data=data, ahead=1 << 20, size=5 << 20, framed=False), offset=(1 << 20) + 9
    )
    assert told.mark == (9, 10)
    assert (line.came.ahead, line.came.size) == (1 << 20, 5 << 20)
    assert leaves(line.came) == [(0, KEPT, "not read")]
    assert line.came.opened.cut == (5 << 20) - KEPT


def test_of_very_many_parts_those_near_the_octet_are_shown():
    stage = catalog.stage("cache/ping")
    many = b":1\r\n" * 4000
    told, line = opened(many, sent=b"PING\r\n", offset=8000, stage=stage)
    shown_ = leaves(line.came)
    assert len(shown_) == LEAVES
    assert shown_[0][0] < told.mark[0] < shown_[-1][1]


def test_on_a_far_side_what_came_are_questions():
    _, line = opened(ASKED, sent=ANSWER, asks=True)
    assert [t.says for t in line.turns] == ["GET /echo/alpha", "200 OK · 5 bytes"]


def test_a_part_that_is_given_is_read_by_its_own_codec():
    stage = next(s for s in catalog.stages("cachepatterns") if s.parts)
    _, line = opened(
        b"*1\r\n$4\r\nPING\r\n", sent=b"+PONG\r\n", asks=True, part=stage.parts[0].name, stage=stage
    )
    assert [turn.broken for turn in line.turns] == ["", ""]


def test_markup_in_an_answer_stays_octets():
    bad = b"HTTP/1.1 200 OK\r\nX: <script>alert(1)</script>\r\nContent-Length: 0\r\n\r\n"
    _, line = opened(bad)
    assert bytes.fromhex(line.came.opened.octets) == bad
    assert all(isinstance(p.value, str) for p in line.came.opened.pieces)
