"""Publish and subscribe: who listens hears, and nobody else.

    a   SUBSCRIBE news      ◀ *3  subscribe  news  :1
    b   PUBLISH news hello                              ◀ :1
    a                       ◀ *3  message  news  hello

Nothing is kept: a message goes to whoever is subscribed at that moment. From then on a connection has
octets to read that it did not ask for. In RESP2 they look like replies, so a subscriber may send next
to nothing; RESP3 gives them a kind of their own.

Left out: sharded channels, messages about keys.
"""

from __future__ import annotations

from ....grade.enduring import eventually
from ....grade.matchers import Matcher
from ....grade.promptly import within
from ....grade.stage import ALL, ONCE, Stage, Step, case
from ....grade.steps import close, send
from .. import rules
from ..codec import Resp
from ..messages import Array, Bulk, Integer, Push, Value
from .hello import greeting
from .messages import ERR, NEIGHBOUR, OK, PONG, ask, cmd, number, talk, together
from .replies import Wanted, matching, replies
from .transactions import QUEUED

MANY = 200
BLOCK = b"p" * (64 << 10)
BLOCKS = 128  # of them more than the kernel keeps for a connection on both sides
AHEAD = 2  # of them on their way to who does read

#: Pattern, a channel that it matches, one that it does not.
PATTERNS = (
    ("sh?w", "show", "shw"),
    ("n*w", "nw", "wn"),
    ("n*w", "n-e-w", "new-"),
    ("c[au]t", "cut", "cot"),
    ("c[^au]t", "cot", "cat"),
    ("c[a-c]t", "cbt", "cdt"),
    (r"s\*r", "s*r", "star"),
    ("case", "case", "Case"),
)


def heard(kind: str, *words: str | bytes | int) -> Value:
    return Array((Bulk(kind.encode()), *(value_of(each) for each in words)))


def pushed(kind: str, *words: str | bytes | int) -> Value:
    return Push((Bulk(kind.encode()), *(value_of(each) for each in words)))


def value_of(word: str | bytes | int) -> Value:
    if isinstance(word, int):
        return Integer(word)
    return Bulk(word.encode() if isinstance(word, str) else word)


def listens(
    *channels: str, on: str = "main", since: int = 0, command: str = "SUBSCRIBE"
) -> tuple[Step, ...]:
    """Subscribe, with the answer for each channel."""
    return (
        ask(" ".join([command, *channels]), on=on),
        *(
            replies(heard(command.lower(), channel, since + at), on=on, to=f"{command} {channel}")
            for at, channel in enumerate(channels, start=1)
        ),
    )


def hears(channel: str | bytes, data: str | bytes, on: str = "main") -> Step:
    return replies(heard("message", channel, data), on=on)


def gone(*channels: str | bytes) -> tuple[Step, ...]:
    """Nobody listens any more: a case is played again, and those who listened may linger."""
    ends = [close(on) for on in ("main", "second", "third")]
    return (*ends, *(step for channel in channels for step in unheard(channel)))


def unheard(channel: str | bytes) -> tuple[Step, ...]:
    """Soon, and on a connection of its own, PUBLISH reaches nobody."""
    return close("asks"), eventually(*talk((("PUBLISH", channel, "?"), 0), on="asks"))


def publishes(channel: str, data: str, receivers: int) -> tuple[Step, ...]:
    return talk((("PUBLISH", channel, data), receivers), on="other")


def left(*names: str) -> tuple[Step, ...]:
    """UNSUBSCRIBE without channels: each is named once, in any order, while the count goes down."""

    def one(count: int) -> Matcher:
        wanted = [heard("unsubscribe", name, count) for name in names]
        says = f"*3 [unsubscribe, one of {', '.join(names)}, {count}] (an array)"
        return matching(says, lambda found: found in wanted)

    return (ask("UNSUBSCRIBE"), *(replies(one(count)) for count in reversed(range(len(names)))))


def numbers(*pairs: tuple[str, int]) -> Wanted:
    items = [value_of(word) for pair in pairs for word in pair]
    return Array(tuple(items))


def has_all(*names: str) -> Matcher:
    """These channels, in any order."""
    wanted = {Bulk(name.encode()) for name in names}
    return matching(
        f"an array of {', '.join(names)} in any order",
        lambda found: isinstance(found, Array) and set(found.items or ()) == wanted,
    )


NOTHING_LEFT = Array((Bulk(b"unsubscribe"), Bulk(None), Integer(0)))

STAGE = Stage(
    name="cache/publish",
    title="messages to whoever listens",
    asks="Send what is published on a channel to every client that is subscribed to it.",
    given="SUBSCRIBE, UNSUBSCRIBE, PSUBSCRIBE, PUNSUBSCRIBE, PUBLISH, PUBSUB CHANNELS, NUMSUB, NUMPAT. A "
    "client with subscriptions is still answered to PING and QUIT, and in RESP3 to everything.",
    goals=(
        "bound it: what a subscriber does not read is kept only up to a limit",
        "decide: which connections get it: by channel, and by each pattern that matches",
        "act: write to connections that asked for nothing at this moment",
        "answer: one answer for each channel that is named, not one for each command",
        "recover: forget the subscriptions of a connection that has ended",
    ),
    hints=(
        "Who writes to a connection in your program? Until now it was whoever had read a command from it.",
        "Keep channel → connections and pattern → connections, and with each connection what it is "
        "subscribed to. PUBLISH goes through both. Add to the outgoing octets of each connection and go "
        "on: never wait for one of them. Remove a connection from both when it ends.",
        "publish(channel, data):\n"
        "    for c in channels[channel]:      c.write([message, channel, data])\n"
        "    for pattern in patterns:         if pattern matches channel:\n"
        "        for c in patterns[pattern]:  c.write([pmessage, pattern, channel, data])\n"
        "    return how many were written",
    ),
    codec=Resp,
    ways=ALL,
    neighbour=NEIGHBOUR,
    side_by_side=True,
    cases=(
        case(
            "SUBSCRIBE is answered for each channel, and counts",
            rules.SUBSCRIBE,
            *listens("ps:a", "ps:b"),
            *listens("ps:c", since=2),
            ask("SUBSCRIBE ps:a"),
            replies(heard("subscribe", "ps:a", 3)),
        ),
        case(
            "a message arrives at who is subscribed, and at nobody else",
            rules.MESSAGE,
            *publishes("ps:d", "nobody", 0),
            *listens("ps:d"),
            *listens("ps:d", on="second"),
            *listens("ps:d2", on="third"),
            *publishes("ps:d", "hello", 2),
            hears("ps:d", "hello"),
            hears("ps:d", "hello", on="second"),
            *publishes("ps:d2", "bye", 1),
            hears("ps:d2", "bye", on="third"),
            *gone("ps:d", "ps:d2"),
        ),
        case(
            "PUBLISH tells how many clients and patterns it went to",
            rules.RECEIVERS,
            *publishes("ps:v", "nobody", 0),
            *listens("ps:v"),
            *publishes("ps:v", "one", 1),
            ask("PSUBSCRIBE ps:v*", on="second"),
            replies(heard("psubscribe", "ps:v*", 1), on="second"),
            *publishes("ps:v", "two", 2),
            hears("ps:v", "one"),
            hears("ps:v", "two"),
            replies(heard("pmessage", "ps:v*", "ps:v", "two"), on="second"),
            *gone("ps:v"),
        ),
        case(
            "a message by pattern tells the pattern and the channel",
            rules.PMESSAGE,
            ask("PSUBSCRIBE ps:w:*"),
            replies(heard("psubscribe", "ps:w:*", 1)),
            *publishes("ps:w:one", "hello", 1),
            *publishes("ps:w:two", "bye", 1),
            replies(heard("pmessage", "ps:w:*", "ps:w:one", "hello")),
            replies(heard("pmessage", "ps:w:*", "ps:w:two", "bye")),
            *gone("ps:w:one"),
        ),
        case(
            "channel and message are octets of any kind",
            rules.MESSAGE,
            send(cmd(("SUBSCRIBE", b"ps\r\n\x00\xff"))),
            replies(heard("subscribe", b"ps\r\n\x00\xff", 1)),
            *talk((("PUBLISH", b"ps\r\n\x00\xff", b"\r\n*1\r\n\xfe"), 1), on="other"),
            hears(b"ps\r\n\x00\xff", b"\r\n*1\r\n\xfe"),
            *talk((("PUBLISH", b"ps\r\n\x00\xff", b""), 1), on="other"),
            hears(b"ps\r\n\x00\xff", b""),
            *gone(b"ps\r\n\x00\xff"),
        ),
        case(
            "who subscribes twice gets a message once",
            rules.MESSAGE,
            *listens("ps:e"),
            ask("SUBSCRIBE ps:e"),
            replies(heard("subscribe", "ps:e", 1)),
            *publishes("ps:e", "once", 1),
            *publishes("ps:e", "twice", 1),
            hears("ps:e", "once"),
            hears("ps:e", "twice"),
            *gone("ps:e"),
        ),
        case(
            f"{MANY} messages arrive in their order",
            rules.MESSAGE_ORDER,
            *publishes("ps:f", "too early", 0),
            *listens("ps:f"),
            send(*(cmd(f"PUBLISH ps:f {at}") for at in range(MANY)), on="other"),
            *[replies(Integer(1), on="other")] * MANY,
            *(hears("ps:f", str(at)) for at in range(MANY)),
            ways=ONCE,
        ),
        case(
            "UNSUBSCRIBE is answered for each channel, also for one that was none",
            rules.UNSUBSCRIBE,
            *listens("ps:g", "ps:h"),
            ask("UNSUBSCRIBE ps:g ps:none"),
            replies(heard("unsubscribe", "ps:g", 1)),
            replies(heard("unsubscribe", "ps:none", 1)),
            *publishes("ps:g", "nobody", 0),
            *publishes("ps:h", "hello", 1),
            hears("ps:h", "hello"),
            *gone("ps:h"),
        ),
        case(
            "UNSUBSCRIBE without channels leaves none",
            rules.UNSUBSCRIBE,
            *listens("ps:i", "ps:j", "ps:k"),
            *left("ps:i", "ps:j", "ps:k"),
            ask("UNSUBSCRIBE"),
            replies(NOTHING_LEFT),
            *publishes("ps:j", "nobody", 0),
        ),
        case(
            "patterns match as they should",
            rules.PATTERN,
            *(
                step
                for pattern, yes, no in PATTERNS
                for step in (
                    send(cmd(("PSUBSCRIBE", f"pat:{pattern}"))),
                    replies(heard("psubscribe", f"pat:{pattern}", 1)),
                    *publishes(f"pat:{no}", "no", 0),
                    *publishes(f"pat:{yes}", "yes", 1),
                    replies(heard("pmessage", f"pat:{pattern}", f"pat:{yes}", "yes")),
                    send(cmd(("PUNSUBSCRIBE", f"pat:{pattern}"))),
                    replies(heard("punsubscribe", f"pat:{pattern}", 0)),
                )
            ),
            ways=ONCE,
        ),
        case(
            "a channel and a pattern of it bring a message twice",
            rules.BOTH_MATCH,
            *listens("ps:l"),
            ask("PSUBSCRIBE ps:l*"),
            replies(heard("psubscribe", "ps:l*", 2)),
            *publishes("ps:l", "both", 2),
            hears("ps:l", "both"),
            replies(heard("pmessage", "ps:l*", "ps:l", "both")),
            *publishes("ps:l2", "one", 1),
            replies(heard("pmessage", "ps:l*", "ps:l2", "one")),
            *gone("ps:l"),
        ),
        case(
            "channels and patterns count together",
            rules.COUNT_OF_BOTH,
            *listens("ps:m"),
            ask("PSUBSCRIBE ps:m:1* ps:m:2*"),
            replies(heard("psubscribe", "ps:m:1*", 2)),
            replies(heard("psubscribe", "ps:m:2*", 3)),
            ask("UNSUBSCRIBE ps:m"),
            replies(heard("unsubscribe", "ps:m", 2)),
            ask("PUNSUBSCRIBE ps:m:1*"),
            replies(heard("punsubscribe", "ps:m:1*", 1)),
        ),
        case(
            "in RESP2 a subscriber may not do anything else",
            rules.SUBSCRIBED_ONLY,
            *listens("ps:n"),
            *talk(("SET ps:key 1", ERR), ("PUBLISH ps:n hello", ERR), ("MULTI", ERR)),
            *talk(("GET ps:key", None), on="other"),
            *publishes("ps:n", "still there", 1),
            hears("ps:n", "still there"),
            *gone("ps:n"),
        ),
        case(
            "PING of a subscriber is answered with an array",
            rules.SUBSCRIBED_PING,
            *listens("ps:o"),
            ask("PING"),
            replies(heard("pong", "")),
            ask("PING hello"),
            replies(heard("pong", "hello")),
        ),
        case(
            "without subscriptions a client is as before",
            rules.NORMAL_AGAIN,
            *listens("ps:p"),
            ask("PSUBSCRIBE ps:p*"),
            replies(heard("psubscribe", "ps:p*", 2)),
            ask("UNSUBSCRIBE ps:p"),
            replies(heard("unsubscribe", "ps:p", 1)),
            *talk(("ECHO not yet", ERR)),
            ask("PUNSUBSCRIBE ps:p*"),
            replies(heard("punsubscribe", "ps:p*", 0)),
            *talk(("PING", PONG), ("ECHO again", "again")),
        ),
        case(
            "in RESP3 messages are pushes, and any command may be sent",
            rules.PUSHES,
            *talk(("HELLO 3", greeting(3)), ("SET ps:q 1", OK)),
            ask("SUBSCRIBE ps:q"),
            replies(pushed("subscribe", "ps:q", 1)),
            *talk(("GET ps:q", "1"), ("PING", PONG)),
            *publishes("ps:q", "hello", 1),
            replies(pushed("message", "ps:q", "hello")),
            ask("PSUBSCRIBE ps:q?"),
            replies(pushed("psubscribe", "ps:q?", 2)),
            *publishes("ps:qq", "by pattern", 1),
            replies(pushed("pmessage", "ps:q?", "ps:qq", "by pattern")),
            *talk(("INCR ps:q", 2)),
            ask("UNSUBSCRIBE"),
            replies(pushed("unsubscribe", "ps:q", 1)),
            ask("UNSUBSCRIBE ps:none"),
            replies(pushed("unsubscribe", "ps:none", 1)),
            *gone("ps:qq"),
        ),
        case(
            "the same message reaches who speaks RESP2 and who speaks RESP3",
            rules.PUSHES,
            *listens("ps:r"),
            *talk(("HELLO 3", greeting(3)), on="second"),
            ask("SUBSCRIBE ps:r", on="second"),
            replies(pushed("subscribe", "ps:r", 1), on="second"),
            *publishes("ps:r", "to both", 2),
            hears("ps:r", "to both"),
            replies(pushed("message", "ps:r", "to both"), on="second"),
            *gone("ps:r"),
        ),
        case(
            "PUBSUB tells channels, subscribers and patterns",
            rules.PUBSUB,
            *listens("tell:a", "tell:b"),
            *listens("tell:a", on="second"),
            ask("PSUBSCRIBE tell:* tell:*", on="second"),
            replies(heard("psubscribe", "tell:*", 2), on="second"),
            replies(heard("psubscribe", "tell:*", 2), on="second"),
            *talk(
                ("PUBSUB CHANNELS", has_all("tell:a", "tell:b")),
                ("PUBSUB CHANNELS tell:?", has_all("tell:a", "tell:b")),
                ("PUBSUB CHANNELS none:*", has_all()),
                (
                    "PUBSUB NUMSUB tell:a tell:b tell:c",
                    numbers(("tell:a", 2), ("tell:b", 1), ("tell:c", 0)),
                ),
                ("PUBSUB NUMSUB", []),
                ("PUBSUB NUMPAT", 1),
                on="other",
            ),
            alone=True,
            ways=ONCE,
        ),
        case(
            "PUBLISH in a transaction is sent when it is executed",
            rules.EXEC,
            *listens("ps:s"),
            *together(
                ("MULTI", OK),
                ("PUBLISH ps:s one", QUEUED),
                ("PUBLISH ps:s two", QUEUED),
                ("EXEC", [1, 1]),
                on="other",
            ),
            hears("ps:s", "one"),
            hears("ps:s", "two"),
            *gone("ps:s"),
        ),
        case(
            "a subscriber that has gone counts no more",
            rules.SUBSCRIBER_GONE,
            *listens("ps:t"),
            *listens("ps:t", on="second"),
            close("second"),
            eventually(*talk(("PUBSUB NUMSUB ps:t", numbers(("ps:t", 1))), on="asks")),
            *publishes("ps:t", "hello", 1),
            hears("ps:t", "hello"),
            *gone("ps:t"),
        ),
        case(
            "a subscriber that does not read holds up nobody",
            rules.DEAF,
            *listens("ps:u"),
            *listens("ps:u", on="deaf"),
            within(
                3.0,
                *(
                    step
                    for _ in range(BLOCKS // AHEAD)
                    for step in (
                        *[send(cmd(("PUBLISH", "ps:u", BLOCK)), on="other")] * AHEAD,
                        *[replies(number(1, 2), on="other")] * AHEAD,
                        *[hears("ps:u", BLOCK)] * AHEAD,
                    )
                ),
            ),
            close("deaf"),
            alone=True,
            ways=ONCE,
        ),
    ),
)
