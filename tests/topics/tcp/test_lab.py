"""The experiments of TCP, once each and small: the shape is there, and every sentence can be said.

How long something takes is another machine's; what is asked is only what the kernel decides.
"""

import socket
import sys
from collections.abc import Mapping

import pytest

from cutaway.lab.knobs import Settings
from cutaway.topics.tcp.lab import LABS, boundaries, nagle, queue

linux = pytest.mark.skipif(sys.platform != "linux", reason="the shape is that of Linux")


def measured(lab, variant: str, **changes: object) -> Mapping[str, float]:
    settings = Settings({**lab.defaults.values, **changes})
    with lab.bench(settings) as bench:
        return lab.measure(variant, settings, bench)


@linux
@pytest.mark.alone
def test_two_small_writes_stall_and_one_does_not() -> None:
    few = {"exchanges": 4}
    stalled = measured(nagle.NAGLE, nagle.TWO, **few)
    assert stalled[nagle.TIME] > nagle.STALL
    for cured in (nagle.NODELAY, nagle.ONE):
        assert measured(nagle.NAGLE, cured, **few)[nagle.TIME] < stalled[nagle.TIME] / 2


@linux
@pytest.mark.alone
def test_a_receiver_that_acknowledges_at_once_ends_the_stall() -> None:
    found = measured(nagle.NAGLE, nagle.TWO, exchanges=8, quickack="on")
    assert found[nagle.TIME] < nagle.STALL


def test_quick_acknowledgement_is_missed_where_the_system_has_none(monkeypatch) -> None:
    from cutaway.lab.lab import Missing

    monkeypatch.delattr(socket, "TCP_QUICKACK", raising=False)
    with pytest.raises(Missing, match="Linux only"):
        measured(nagle.NAGLE, nagle.TWO, quickack="on")


@linux
@pytest.mark.slow
def test_a_queue_holds_one_more_than_its_backlog_and_the_next_one_waits() -> None:
    found = measured(queue.QUEUE, "listen-2", clients=6)
    assert found[queue.CONNECTED] == 3
    assert found[queue.LATER] >= found[queue.REALLY] == 1
    assert found[queue.WAIT] > 0.5


@linux
def test_nobody_waits_where_all_fit() -> None:
    assert measured(queue.QUEUE, "listen-5", clients=4) == {queue.CONNECTED: 4}


def test_more_is_never_accepted_than_there_is() -> None:
    """With listen(0) there is one connection, and ten accepts would wait for ever."""
    assert measured(queue.QUEUE, "listen-0", clients=1, accepts=10)[queue.CONNECTED] == 1


def test_a_reader_that_looks_late_takes_five_sends_for_one() -> None:
    assert measured(boundaries.BOUNDARIES, boundaries.FIVE)[boundaries.READS] == 1


def test_one_large_send_is_many_reads() -> None:
    found = measured(boundaries.BOUNDARIES, boundaries.LARGE, size=400_000)
    assert found[boundaries.READS] >= 7
    assert found[boundaries.LARGEST] <= boundaries.BUFFER


def test_one_small_send_is_many_reads_behind_a_link_that_cuts() -> None:
    found = measured(boundaries.BOUNDARIES, boundaries.CUT, pieces=1)
    assert 2 <= found[boundaries.READS] <= 100


@pytest.mark.parametrize("variant", [nagle.TWO, nagle.ONE])
def test_every_octet_that_is_written_is_read_in_a_trace(variant: str) -> None:
    settings = nagle.NAGLE.defaults
    moments = nagle.trace(variant, settings, None)
    for who in ("client writes", "server reads"):
        assert b"".join(m.octets for m in moments if m.who == who) == b"HEAD:body\n"
    assert moments[-1].who == "client reads"


def test_a_trace_has_the_sends_and_the_reads() -> None:
    settings = boundaries.BOUNDARIES.defaults
    moments = boundaries.trace(boundaries.FIVE, settings, None)
    assert [m.count for m in moments] == [20, 20, 20, 20, 20, 100]


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_the_bounds_of_every_knob_make_a_plan(lab) -> None:
    from tests.topics.labs import plans

    for plan in plans(lab):
        assert plan.checks or plan.variants
