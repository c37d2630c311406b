"""A whole machine with people in it: their requests are accounted for, their failures explained."""

import sys
import time

import pytest

from cutaway.net.relay.orders import BadOrder
from cutaway.process import Command
from cutaway.process.scratch import make_folder, remove_folder
from cutaway.system.blueprint import read
from cutaway.system.filling import Filling
from cutaway.workshop.machine import made
from tests.left_open import but_for_one

pytestmark = pytest.mark.timeout(120)
WITHIN = 40.0


@pytest.fixture(scope="module")
def machine():
    home = make_folder()
    one = made(read(), {}, home)
    try:
        with one.supervisor:
            one.start()
            one.supervisor.up()
            one.traffic.set(rate=25)
            yield one
            one.stop()
    finally:
        remove_folder(home)


def until(held, what):
    end = time.monotonic() + WITHIN
    while not held():
        assert time.monotonic() < end, what()
        time.sleep(0.05)


def answered(machine, count):
    wanted = machine.traffic.look().answered + count
    until(lambda: machine.traffic.look().answered >= wanted, machine.traffic.look)


def settled(now):
    return now.failed == now.explained + now.unexplained


def followed(machine):
    """The latest requests that are over, each with where its time went."""
    with machine.lock:
        latest = list(machine.tracer.over[machine.front])
    return [machine.account(exchange) for exchange in latest[-60:]]


def test_where_the_time_of_a_request_went_is_known_by_the_clock_of_who_sent_it(machine):
    answered(machine, 80)
    time.sleep(0.3)  # until the traffic has told of the last of them
    accounts = followed(machine)
    mine = [(tree, account) for tree, account in accounts if account.share is not None]
    assert len(mine) >= 0.9 * len(accounts)
    sure = [account.share for tree, account in mine if all(node.sure for node in tree)]
    assert len(sure) >= len(mine) / 2
    assert min(sure) >= 0.95
    kinds = {span.kind for _, account in mine for span in account.spans}
    assert kinds >= {"network", "work", "queue"}
    assert all(account.waits for tree, account in mine if len(list(tree)) > 1)


def test_what_failed_while_the_store_was_gone_is_explained_and_nothing_is_lost(machine):
    answered(machine, 40)
    store = machine.supervisor.parts["store"]
    store.pause()
    until(lambda: machine.traffic.look().failed > 0, machine.traffic.look)
    store.resume()
    store.kill()
    answered(machine, 40)
    until(lambda: settled(machine.traffic.look()), machine.traffic.look)
    now = machine.traffic.look()
    assert now.unexplained == 0, [failure for failure in now.failures if not failure.cause]
    assert any("store" in (failure.cause or "") for failure in now.failures)
    verified = machine.traffic.verify()
    assert verified.held, verified
    assert verified.checked > 10


def test_a_cause_beside_the_way_of_a_request_explains_nothing(machine):
    answered(machine, 20)
    rows = [row for row in list(machine.traffic.rows) if not row.why]
    with machine.lock:
        ways = [machine.way(row, machine.been(row)) for row in rows[-10:]]
    assert all(machine.front in way and {"proxy", "cache", "store"} <= way for way in ways)
    assert any(("app-1" in way) != ("app-2" in way) for way in ways)
    assert all(("app-1" in way) == ("app-1-to-store" in way) for way in ways)


#: Passes everything on over one connection each, and makes a bad gateway of every good answer.
LIAR = """
import asyncio, os, ssl
async def serve(reader, writer):
    host, port = os.environ["UPSTREAMS"].split(",")[0].split(":")
    there, to = await asyncio.open_connection(host, int(port))
    async def passing(source, sink, old, new):
        while data := await source.read(65536):
            sink.write(data.replace(old, new))
        sink.close()
    await asyncio.gather(
        passing(reader, to, b"-", b"-"),
        passing(there, writer, b"HTTP/1.1 200 OK", b"HTTP/1.1 502 Bad"),
        return_exceptions=True,
    )
async def main():
    folder, env = os.environ["CERTIFICATES"], os.environ
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder + "/default.crt", folder + "/default.key")
    plain = await asyncio.start_server(serve, "127.0.0.1", int(env["PORT"]))
    sealed = await asyncio.start_server(serve, "127.0.0.1", int(env["TLS_PORT"]), ssl=context)
    await asyncio.gather(plain.serve_forever(), sealed.serve_forever())
asyncio.run(main())
"""


def test_what_a_new_part_does_wrong_by_itself_is_not_excused_by_the_swap(machine, monkeypatch):
    supervisor, filler = machine.supervisor, machine.supervisor._filler
    liar = Command(supervisor.home, (sys.executable, "-c", LIAR))
    monkeypatch.setattr(
        supervisor,
        "_filler",
        lambda slot, filling: liar if slot.name == "proxy" else filler(slot, filling),
    )
    since = time.monotonic()
    supervisor.fill("proxy", Filling("yours", folder="/liar"))

    def own():
        return [
            failure
            for failure in machine.traffic.look().failures
            if failure.row.sent > since and failure.saw.startswith("proxy said so")
        ]

    try:
        until(lambda: len(own()) >= 5, machine.traffic.look)
    finally:
        monkeypatch.undo()
        supervisor.fill("proxy", Filling())
    first = own()[0]
    assert first.cause == ""
    assert first.why == ("502, where 200 is right; proxy said so, and app-1 had answered 200"), (
        first.why
    )


def test_an_order_holds_when_it_was_given_and_only_until_the_next(machine):
    wire = "app-1-to-cache"
    for line, holds in (("refuse", ["refuse"]), ("latency 1ms", ["refuse", "latency 1ms"])):
        machine.order(wire, line)
        assert machine.standing(wire) == holds
    machine.order(wire, "accept")
    machine.order(wire, "clear")
    assert machine.standing(wire) == []


@pytest.mark.parametrize("line", ["lead 127.0.0.1:9", "pass 7 to-server"])
def test_where_a_wire_leads_is_not_to_be_ordered(machine, line):
    with pytest.raises(BadOrder, match="The machine itself"):
        machine.order("app-1-to-cache", line)


def test_a_held_machine_is_not_let_go_by_an_order_and_what_was_stalled_before_stays_so(machine):
    machine.order("app-1-to-cache", "to-client stall")
    machine.freezer.freeze()
    try:
        for line in ("flow", "clear", "to-server clear latency 1ms"):
            with pytest.raises(BadOrder, match="Let it go first"):
                machine.order("app-1-to-cache", line)
    finally:
        machine.release()
    relays = machine.supervisor.relays
    until(lambda: all(map(relays.carried_out, relays.names)), lambda: "not carried out")
    answered(machine, 10)
    assert machine.standing("app-1-to-cache") == ["to-client stall"]
    machine.order("app-1-to-cache", "clear")
    assert machine.standing("app-1-to-cache") == []


def test_held_it_tells_one_request_to_its_end_and_nobody_gives_up(machine):
    answered(machine, 10)
    since = time.monotonic()
    machine.hold()
    try:
        until(lambda: machine.freezer.next is not None, lambda: machine.freezer.waiting)
        time.sleep(3.0)  # longer than a proxy waits otherwise
        passed = []
        until(lambda: machine.freezer.next is not None, lambda: passed)
        while len(passed) < 60:
            one = machine.freezer.step(within=2.0)
            assert one is not None, passed
            passed.append((one.wire, one.way, one.says))
            if one.wire.startswith("proxy-to-app") and one.way == "to client":
                break
        asked = [words for words in passed if words[1] == "to server"]
        assert asked[0][0].startswith("proxy-to-app")
        assert any(wire.endswith(("-to-store", "-to-cache")) for wire, _, _ in asked)
        assert len({wire for wire, _, _ in passed if wire.startswith("proxy")}) == 1
        assert not passed[-1][2].startswith("5"), passed
    finally:
        machine.release()
    answered(machine, 20)
    failures = [one for one in machine.traffic.look().failures if one.row.ended > since]
    assert not but_for_one(failures)
