"""A clue is found where it is, and nowhere else."""

import pytest

from cutaway.system.clues import HeardOf, clue_of, found_in, shown_by
from cutaway.system.trace import Tracer
from tests.system.test_trace import BLUEPRINT, CACHE, FRONT, STORE, Played

READ = (
    (0, FRONT, 1, "> get 17"),
    (1, CACHE, 1, "> look 17"),
    (2, CACHE, 1, "< nothing"),
    (3, STORE, 1, "> fetch 17"),
    (5, STORE, 1, "< milk"),
)
KEPT = ((6, CACHE, 1, "> keep 17"), (7, CACHE, 1, "< yes"))
ANSWERED = ((8, FRONT, 1, "< milk"),)
CLUE = {
    "asks": r"^get (?P<id>\d+)",
    "has": [{"link": STORE, "asks": "^fetch {id}$"}],
    "lacks": [{"link": CACHE, "asks": "^keep {id}$"}],
}


def heard(*said):
    played = Played(*said)
    return HeardOf(played.tracer, played.ear)


def shown(said, clue):
    found = found_in(clue_of(clue), heard(*said))
    return [one.question.says for one in found[1]] if found else None


CASES = [
    (
        "what is lacking is shown by the request, and by what it has",
        CLUE,
        False,
        ["fetch 17", "get 17", "look 17", "fetch 17"],
    ),
    ("where nothing is lacking nothing is shown", CLUE, True, None),
    (
        "an answer is looked at",
        {"has": [{"link": CACHE, "answers": "^nothing$"}]},
        True,
        ["look 17"],
    ),
    (
        "octets are looked at",
        {"has": [{"link": CACHE, "asks_octets": r"\Alook"}]},
        True,
        ["look 17"],
    ),
    ("another answer is not it", {"has": [{"link": STORE, "answers": "^beer$"}]}, True, None),
    ("another request is not it", {"asks": "^put", "has": [{"link": CACHE}]}, True, None),
    ("a wire may be the place itself", {"link": STORE, "asks": "^fetch"}, True, ["fetch 17"]),
    ("what has an answer is not unanswered", {"link": STORE, "unanswered": True}, True, None),
    ("what goes on is not over", {"has": [{"link": CACHE, "once": True}]}, False, None),
    ("what was quick is not slow", {"link": STORE, "slower": 0.003}, True, None),
    ("what was slow is not quick", {"link": STORE, "faster": 0.001}, True, None),
]


@pytest.mark.parametrize(
    ("clue", "kept", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_clue(clue, kept, expected):
    assert shown((*READ, *(KEPT if kept else ()), *ANSWERED), clue) == expected


def test_what_another_request_did_meanwhile_is_not_lacking():
    others = ((4, CACHE, 2, "> keep 17"), (5, CACHE, 2, "< yes"))
    assert shown(sorted((*READ, *others, *ANSWERED)), CLUE) is None


def test_slow_is_what_is_slow_as_a_rule():
    clue = clue_of({"link": STORE, "asks": "^fetch", "slower": 0.02, "than": "^save"})

    def said(fetch, save, every=40):
        for at in range(0, 20 * every, every):
            yield at, STORE, 1, "> fetch 1"
            yield at + fetch, STORE, 1, "< milk"
            yield at + fetch + 1, STORE, 1, "> save 1"
            yield at + fetch + 1 + save, STORE, 1, "< yes"

    assert found_in(clue, heard(*said(30, 5)))
    assert not found_in(clue, heard(*said(25, 12)))
    assert not found_in(clue, heard(*said(3, 1)))
    once = sorted([*said(3, 1), (3000, STORE, 2, "> fetch 9"), (3030, STORE, 2, "< milk")])
    assert not found_in(clue, heard(*once))


def test_a_request_is_asked_for_by_itself():
    one = heard(*READ, *ANSWERED)
    [root] = one.tracer.over[FRONT]
    assert shown_by(clue_of(CLUE), one, root)
    assert isinstance(one.tracer, Tracer)
    assert one.wires("") == [FRONT] == [BLUEPRINT.wires[0].name]
