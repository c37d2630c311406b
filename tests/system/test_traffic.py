"""The process that moves the machine, against a small service: it keeps its rate, and counts all."""

import asyncio
import contextlib
import ssl
import threading
import time

import pytest

from cutaway.system import certificates
from cutaway.system.traffic import Judged, Row, Tls, Traffic, Where
from cutaway.system.traffic.moments import ASLEEP, Moments
from tests.system.test_journeys import Service

WITHIN = 30.0


class Serving:
    """A service on a port, in a thread. flow: it answers. refuses: it closes in place of answers."""

    def __init__(self, service, context=None):
        self.service, self.context, self.refuses = service, context, False
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()))

    def __enter__(self):
        self.thread.start()
        assert self.ready.wait(WITHIN)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join()

    def flow(self, flows):
        self.loop.call_soon_threadsafe(self.flows.set if flows else self.flows.clear)

    async def run(self):
        self.loop, self.over, self.flows = (
            asyncio.get_running_loop(),
            asyncio.Event(),
            asyncio.Event(),
        )
        self.flows.set()
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=self.context)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await self.over.wait()
        server.close()

    async def serve(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
                octets = head + await reader.readexactly(int(size or 0))
                await self.flows.wait()
                if self.refuses:
                    return
                writer.write(in_octets(self.service.answer(octets)))
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            writer.close()


def in_octets(answer):
    fields = dict(answer.fields)
    if answer.status not in (204, 304):
        fields["Content-Length"] = str(len(answer.body))
    lines = [f"HTTP/1.1 {answer.status} x", *(f"{n}: {v}" for n, v in fields.items()), "", ""]
    return "\r\n".join(lines).encode() + answer.body


@contextlib.contextmanager
def moved(serving, explain=lambda row: Judged(), tls=None):
    traffic = Traffic(Where("127.0.0.1", serving.port, tls), explain)
    traffic.start()
    try:
        yield traffic
    finally:
        traffic.stop()


def wait(traffic, held):
    end = time.monotonic() + WITHIN
    while not held(now := traffic.look()):
        assert time.monotonic() < end, now
        time.sleep(0.02)
    return now


def test_people_come_at_the_rate_and_what_was_promised_is_read_back():
    with Serving(Service()) as serving, moved(serving) as traffic:
        traffic.set(rate=200)
        now = wait(traffic, lambda now: now.answered >= 300)
        assert (now.failed, now.unexplained, now.why) == (0, 0, "")
        assert now.p50 is not None
        assert sum(one.answered for one in now.journeys) == now.answered
        assert all(row.intended <= row.sent <= row.ended for row in list(traffic.rows))
        traffic.set(rate=0, journeys={"browse": 0})
        assert traffic.verify().held  # orders are carried out one after the other: nobody comes now
        wait(traffic, lambda now: now.under_way == 0 and now.asked == now.answered)
        verified = traffic.verify()
        assert verified.held
        deleted = sum(row.step == "delete" for row in list(traffic.rows))
        now = wait(traffic, lambda now: verified.checked == now.there + deleted)
        assert verified.gone == deleted > 0
        assert {one.name: one.weight for one in now.journeys}["browse"] == 0


def test_a_write_that_was_acknowledged_and_is_not_kept_is_found():
    with Serving(Service({"change"})) as serving, moved(serving) as traffic:
        traffic.set(rate=200, journeys={"tick one off": 20})
        wait(traffic, lambda now: now.failed > 3 and now.unexplained > 3)
        traffic.set(rate=0)
        verified = traffic.verify()
        assert verified.lost
        assert not verified.held
        assert " is " in verified.lost[0]


def test_a_service_that_stands_still_is_counted_in_every_request_that_was_meant_meanwhile():
    with Serving(Service()) as serving, moved(serving) as traffic:
        traffic.set(rate=100)
        before = wait(traffic, lambda now: now.answered >= 50)
        serving.flow(False)
        stood = time.monotonic()
        now = wait(traffic, lambda now: now.under_way >= 60)
        assert now.asked - before.asked >= 60
        assert now.lines <= 64
        stood = time.monotonic() - stood
        serving.flow(True)
        wait(traffic, lambda now: now.answered >= before.answered + 60)
        times = [row.ended - row.intended for row in list(traffic.rows)]
        assert max(times) >= 0.5 * stood
        assert sum(seconds > 0.3 * stood for seconds in times) >= 20


def test_at_rest_only_a_request_or_two_are_there_to_look_at():
    with Serving(Service()) as serving, moved(serving) as traffic:
        serving.flow(False)
        traffic.rest(True)
        traffic.set(rate=200)
        wait(traffic, lambda now: now.under_way == 2)
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            assert traffic.look().asked == 2
        serving.flow(True)
        wait(traffic, lambda now: now.answered >= 5)
        serving.flow(False)
        traffic.rest(False)
        wait(traffic, lambda now: now.under_way >= 20)


def test_a_failure_with_a_cause_is_explained_and_one_without_is_not():
    causes = {"create": "somebody pulled the plug"}
    with (
        Serving(Service()) as serving,
        moved(serving, lambda row: Judged(causes.get(row.step, ""), "seen")) as traffic,
    ):
        traffic.set(rate=100)
        wait(traffic, lambda now: now.answered >= 20)
        serving.refuses = True
        now = wait(traffic, lambda now: now.explained >= 3 and now.unexplained >= 3)
        assert now.explained + now.unexplained <= now.failed
        judged = [failure for failure in now.failures if failure.cause is not None]
        assert all((f.cause != "") == (f.row.step == "create") for f in judged)
        assert all("closed" in f.row.why for f in judged)
        assert all(f.why == f"{f.row.why}; seen" for f in judged)


def test_secrets_of_tls_are_for_the_owner_alone(tmp_path):
    folder = certificates.lay(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "default.crt", folder / "default.key")
    keys = tmp_path / "keys.log"
    with (
        Serving(Service(), context) as serving,
        moved(serving, tls=Tls(str(tmp_path / "ca.pem"), str(keys))) as traffic,
    ):
        traffic.set(rate=100)
        now = wait(traffic, lambda now: now.answered >= 30)
        assert now.failed == 0
    assert traffic._child.returncode == 0, "it ends with its standard input"
    assert keys.stat().st_mode & 0o777 == 0o600
    assert "CLIENT_TRAFFIC_SECRET_0" in keys.read_text()


def test_a_server_that_somebody_else_signed_is_not_spoken_to(tmp_path):
    folder = certificates.lay(tmp_path / "other")
    certificates.lay(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "default.crt", folder / "default.key")
    tls = Tls(str(tmp_path / "ca.pem"), str(tmp_path / "keys.log"))
    with Serving(Service(), context) as serving, moved(serving, tls=tls) as traffic:
        traffic.set(rate=50)
        now = wait(traffic, lambda now: now.failed >= 3)
        assert now.answered == 0
        assert "handshake failed" in now.failures[0].row.why


def test_what_it_cannot_begin_with_is_said(tmp_path):
    tls = Tls(str(tmp_path / "none.pem"), str(tmp_path / "keys.log"))
    traffic = Traffic(Where("127.0.0.1", 9, tls))
    traffic.start()
    try:
        now = wait(traffic, lambda now: bool(now.why))
        assert now.why == "The traffic cannot begin: No such file or directory."
    finally:
        traffic.stop()


def test_a_process_that_ended_is_started_again_and_what_was_counted_stays():
    with Serving(Service()) as serving, moved(serving) as traffic:
        traffic.set(rate=100)
        before = wait(traffic, lambda now: now.answered >= 30)
        traffic._child.kill()
        after = wait(traffic, lambda now: now.answered >= before.answered + 30)
        assert after.asked == after.answered + after.failed + after.under_way


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"rate": -1}, "0 to 5000"),
        ({"rate": 1e9}, "0 to 5000"),
        ({"rate": float("nan")}, "0 to 5000"),
        ({"rate": 5, "over": -1}, "0 to 3600"),
        ({"rate": 5, "journeys": {"swim": 1}}, "'swim'"),
        ({"rate": 5, "journeys": {"browse": -1}}, "0 to 1000"),
    ],
)
def test_what_cannot_be_wanted_is_refused_and_changes_nothing(change, says):
    traffic = Traffic(Where("127.0.0.1", 9))
    before = dict(traffic.weights)
    with pytest.raises(ValueError, match=says):
        traffic.set(**change)
    assert (traffic.rate, traffic.weights) == (0.0, before)


def test_moments_are_independent_of_what_becomes_of_them():
    moments = Moments(7)
    moments.set(100, 50.0)
    due = list(moments.due(51.9))
    assert 150 < len(due) < 230
    assert due == sorted(due)
    assert due[0] >= 50.0
    assert moments.next > 51.9


def test_a_rate_may_grow_evenly():
    moments = Moments(7)
    moments.set(0, 0.0)
    moments.set(1000, 0.0, over=1.0)
    first, second = (len(list(moments.due(at))) for at in (0.5, 1.0))
    assert 80 < first < 180
    assert 310 < second < 450


def test_nobody_comes_at_a_rate_of_nothing():
    moments = Moments(7)
    moments.set(10, 0.0)
    moments.set(0, 0.0)
    assert moments.next is None


def test_what_was_slept_through_is_counted_and_not_caught_up():
    moments = Moments(7)
    moments.set(100, 0.0)
    assert list(moments.due(ASLEEP + 10.0)) == []
    assert 900 < moments.left_out < 1300
    assert moments.next >= ASLEEP + 10.0


@pytest.mark.parametrize(
    ("rows", "p50"),
    [
        ([(0.01, 200), (0.01, 200), (3.0, 503)], 0.01),
        ([(0.01, 200), (10.0, 0), (10.0, 0)], 10.0),
        ([(0.01, 200), (0.001, 0), (0.001, 0)], None),
    ],
)
def test_who_gets_no_answer_is_not_left_out_of_the_latency(rows, p50):
    traffic = Traffic(Where("127.0.0.1", 9))
    for seconds, status in rows:
        why = "" if status == 200 else "it failed"
        traffic._note([Row(1, "browse", "list", 1, 5.0, 5.0, 5.0 + seconds, status, why)])
    assert traffic.look().all_p50 == (pytest.approx(p50, rel=0.02) if p50 else None)
