"""An exchange octet by octet: in the order of time, bounded, and harmless to print."""

from cutaway.lab.trace import KEPT, MOST, Log, told


def test_moments_stand_in_the_order_of_time_whoever_noted_them() -> None:
    log = Log()
    log.put(0.04, "server reads", b"two")
    log.put(0.00002, "client writes", b"one")
    assert [moment.octets for moment in log.moments] == [b"one", b"two"]


def test_what_was_before_the_beginning_is_forgotten() -> None:
    log = Log()
    log.note("client writes", b"early")
    log.begin()
    log.note("client writes", b"late")
    assert [moment.octets for moment in log.moments] == [b"late"]


def test_what_is_kept_is_bounded() -> None:
    log = Log()
    for _ in range(3 * MOST):
        log.note("client writes", b"x" * 100_000)
    assert len(log.moments) == MOST
    assert {(len(m.octets), m.count) for m in log.moments} == {(KEPT, 100_000)}


def test_a_moment_is_a_line_and_its_fields_stand_below() -> None:
    log = Log()
    log.put(0.0441, "client writes", b"body\n")
    log.put(1.0, "1 ends")
    log.put(2.0, "client reads", b"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK", "0000  48  H\n0001")
    assert list(told(log.moments)) == [
        "  44.1 ms   client writes       5 octets  62 6f 64 79 0a            body·",
        "      1 s   1 ends",
        "      2 s   client reads       19 octets  48 54 54 50 2f 31 2e 31…  HTTP/1.1 200 OK",
        "            0000  48  H",
        "            0001",
    ]
