"""The generator says when it was itself what was slow, and what then holds."""

import pytest

from cutaway.net.load.histogram import Moment
from cutaway.net.load.own import Own


def own(late: float = 0.0, share: float = 0.1, limited: int = 0, latency: float = 0.002) -> Own:
    return Own(late / 2, late, 2 * late, share, 0, limited, Moment(latency))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (own(late=0.0005), []),
        (own(late=0.05, latency=2.0), []),
        (own(late=0.05, latency=0.06), ["50 ms late", "those of the server are lower"]),
        (own(late=0.05, share=0.02), ["machine was too busy", "it takes 2% of a core"]),
        (own(late=0.05, share=0.7), ["The generator was the bottleneck", "The counts hold"]),
        (own(late=0.0018, share=0.02), ["Counts and p50 hold"]),
        (own(share=0.97), ["97% of a core", "upper bounds", "The counts hold"]),
        (own(limited=3), ["3 connections could not be opened", "not the server's"]),
        (own(late=0.05, share=0.97), ["50 ms late", "Besides", "97% of a core"]),
    ],
)
def test_it_says_what_was_wrong_and_what_holds(found: Own, words: list[str]) -> None:
    assert found.kept_up == (not words)
    assert bool(found.sentence) == bool(words)
    assert all(word in found.sentence for word in words)
