"""RESP: what is read, what is refused, and where the labels stand."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.topics.cache import grammar
from cutaway.topics.cache.codec import (
    Array,
    Attribute,
    BigNumber,
    Boolean,
    Bulk,
    BulkError,
    Command,
    Double,
    Error,
    Integer,
    Map,
    Null,
    Push,
    Resp,
    Set,
    Simple,
    Value,
    Verbatim,
    read_command,
    read_value,
)
from cutaway.wire import Annotator, Feed, Malformed, NeedMore, Reader, Refused
from cutaway.wire.contract import check_codec

COMMANDS: list[tuple[bytes, Command]] = [
    (b"*1\r\n$4\r\nPING\r\n", Command((b"PING",))),
    (b"*2\r\n$3\r\nget\r\n$1\r\na\r\n", Command((b"get", b"a"))),
    (b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\n\r\n\r\n", Command((b"SET", b"a", b"\r\n"))),
    (b"*2\r\n$4\r\nECHO\r\n$0\r\n\r\n", Command((b"ECHO", b""))),
    (b"*2\r\n$4\r\nECHO\r\n$3\r\n\x00\r\xff\r\n", Command((b"ECHO", b"\x00\r\xff"))),
    (b"*2\r\n$4\r\nECHO\r\n$1100\r\n" + b"x" * 1100 + b"\r\n", Command((b"ECHO", b"x" * 1100))),
    (b"*7\r\n$3\r\nDEL\r\n" + b"$1\r\nk\r\n" * 6, Command((b"DEL", *[b"k"] * 6))),
    (
        b"*20\r\n$3\r\nDEL\r\n" + b"$1\r\nk\r\n" * 12 + b"$1\r\n\r\r\n" * 7,
        Command((b"DEL", *[b"k"] * 12, *[b"\r"] * 7)),
    ),
    (b"*0\r\n", Command(())),
    (b"PING\r\n", Command((b"PING",), inline=True)),
    (b"\r\n", Command((), inline=True)),
    (b'ECHO "a b\\n\\x00\\"" ""\r\n', Command((b"ECHO", b'a b\n\x00"', b""), inline=True)),
]

VALUES: list[tuple[bytes, Value]] = [
    (b"+OK\r\n", Simple(b"OK")),
    (b"+\r\n", Simple(b"")),
    (b"-ERR no such thing\r\n", Error(b"ERR no such thing")),
    (b"-OOM\r\n", Error(b"OOM")),
    (b":0\r\n", Integer(0)),
    (b":-9223372036854775808\r\n", Integer(-(1 << 63))),
    (b":9223372036854775807\r\n", Integer((1 << 63) - 1)),
    (b"$5\r\nhello\r\n", Bulk(b"hello")),
    (b"$0\r\n\r\n", Bulk(b"")),
    (b"$2\r\n\r\n\r\n", Bulk(b"\r\n")),
    (b"$-1\r\n", Bulk(None)),
    (b"*-1\r\n", Array(None)),
    (b"*0\r\n", Array(())),
    (b"*2\r\n$5\r\nhello\r\n$5\r\nworld\r\n", Array((Bulk(b"hello"), Bulk(b"world")))),
    (
        b"*2\r\n*3\r\n:1\r\n:2\r\n:3\r\n*2\r\n+Hello\r\n-World\r\n",
        Array((
            Array((Integer(1), Integer(2), Integer(3))),
            Array((Simple(b"Hello"), Error(b"World"))),
        )),
    ),
    (b"_\r\n", Null()),
    (b"#t\r\n", Boolean(True)),
    (b"#f\r\n", Boolean(False)),
    (b",1.23\r\n", Double(1.23)),
    (b",10\r\n", Double(10.0)),
    (b",-1.5e-7\r\n", Double(-1.5e-7)),
    (b",inf\r\n", Double(math.inf)),
    (b",-inf\r\n", Double(-math.inf)),
    (b"(3492890328409238509324850943850943825024385\r\n",
     BigNumber(3492890328409238509324850943850943825024385)),
    (b"!21\r\nSYNTAX invalid syntax\r\n", BulkError(b"SYNTAX invalid syntax")),
    (b"=15\r\ntxt:Some string\r\n", Verbatim(b"txt", b"Some string")),
    (b"%2\r\n+first\r\n:1\r\n+second\r\n:2\r\n",
     Map(((Simple(b"first"), Integer(1)), (Simple(b"second"), Integer(2))))),
    (b"%0\r\n", Map(())),
    (b"~2\r\n+a\r\n#t\r\n", Set((Simple(b"a"), Boolean(True)))),
    (b">3\r\n+message\r\n+somechannel\r\n+this is the message\r\n",
     Push((Simple(b"message"), Simple(b"somechannel"), Simple(b"this is the message")))),
    (b"|1\r\n+ttl\r\n:3600\r\n*1\r\n:7\r\n",
     Attribute(((Simple(b"ttl"), Integer(3600)),), Array((Integer(7),)))),
    (b"|0\r\n:7\r\n", Attribute((), Integer(7))),
]  # fmt: skip


def test_commands_hold_the_contract_of_codecs() -> None:
    check_codec(read_command, [wire for wire, _ in COMMANDS], bytes)


def test_values_hold_the_contract_of_codecs() -> None:
    check_codec(read_value, [wire for wire, _ in VALUES], bytes)


@pytest.mark.parametrize(("wire", "command"), COMMANDS)
def test_a_command_is_its_words(wire: bytes, command: Command) -> None:
    assert read_command(Reader(wire)) == command
    assert bytes(command) == wire


@pytest.mark.parametrize(("wire", "value"), VALUES)
def test_a_value_says_itself_what_it_is(wire: bytes, value: Value) -> None:
    assert read_value(Reader(wire)) == value
    assert bytes(read_value(Annotator(wire))) == wire


@pytest.mark.parametrize(
    ("wire", "words"),
    [
        (b"PING\n", (b"PING",)),
        (b"  PING \t hi  \r\n", (b"PING", b"hi")),
        (b"ECHO 'it\\'s \\n'\r\n", (b"ECHO", b"it's \\n")),
        (b'ECHO "\\x41\\t\\q"\r\n', (b"ECHO", b"A\tq")),
        (b'"PI"NG\r\n', (b"PING",)),
        (b"PING\rx\n", (b"PING", b"x")),
        (b" \t \r\n", ()),
        (b"\n", ()),
        (b"''\r\n", (b"",)),
        (b"$4\r\n", (b"$4",)),
        (b"GET \x80\xff\x00\r\n", (b"GET", b"\x80\xff\x00")),
    ],
)
def test_an_inline_command_is_split_at_spaces_and_unquoted(
    wire: bytes, words: tuple[bytes, ...]
) -> None:
    assert read_command(Annotator(wire)) == Command(words, inline=True)


@pytest.mark.parametrize("wire", [b"*-1\r\n", b"*-5\r\n", b"*0\r\n"])
def test_a_count_of_nothing_is_a_command_without_words(wire: bytes) -> None:
    assert read_command(Reader(wire)) == Command(())


WRONG_COMMANDS = [
    (b"*+1\r\n$4\r\nPING\r\n", "count", 1),
    (b"*01\r\n$4\r\nPING\r\n", "count", 2),
    (b"* 1\r\n$4\r\nPING\r\n", "count", 1),
    (b"*1 \r\n$4\r\nPING\r\n", "count", 2),
    (b"*\r\n", "count", 1),
    (b"*a\r\n", "count", 1),
    (b"*1\n$4\r\nPING\r\n", "count", 2),
    (b"*1\r$4\r\nPING\r\n", "count", 3),
    (b"*1\r\n$-1\r\n", "length", 5),
    (b"*1\r\n$04\r\nPING\r\n", "length", 6),
    (b"*1\r\n$\r\n", "length", 5),
    (b"*1\r\n+PING\r\n", "type", 4),
    (b"*1\r\n*1\r\n$4\r\nPING\r\n", "type", 4),
    (b"*1\r\n$4\r\nPINGxx", "line end", 12),
    (b"*1\r\n$4\r\nPINGx", "line end", 12),
    (b"*1\r\n$3\r\nPING\r\n", "line end", 11),
    (b"*1\r\n$5\r\nPING\r\n*1\r\n", "line end", 13),
    (b'ECHO "a\r\n', "word", 0),
    (b"ECHO 'a\r\n", "word", 0),
]


@pytest.mark.parametrize(("wire", "field", "offset"), WRONG_COMMANDS)
def test_octets_that_are_no_command_are_malformed_where_they_go_wrong(
    wire: bytes, field: str, offset: int
) -> None:
    for make in (Reader, Annotator):
        with pytest.raises(Malformed) as caught:
            read_command(make(wire))
        assert (caught.value.field.name, caught.value.offset) == (field, offset)


WRONG_VALUES = [
    (b"PONG\r\n", "type", 0),
    (b"\r\n", "type", 0),
    (b"+OK\n", "text", 3),
    (b"+OK\rx", "text", 4),
    (b":1_0\r\n", "integer", 2),
    (b":\r\n", "integer", 1),
    (b":1.5\r\n", "integer", 2),
    (b":9223372036854775808\r\n", "integer", 1),
    (b"$-2\r\n", "length", 1),
    (b"$x\r\n", "length", 1),
    (b"$5\r\nhelloxx", "line end", 9),
    (b"*-2\r\n", "count", 1),
    (b"%-1\r\n", "count", 1),
    (b"~-1\r\n", "count", 1),
    (b"#x\r\n", "boolean", 1),
    (b",1.\r\n", "double", 1),
    (b",--1\r\n", "double", 1),
    (b"_x\r\n", "line end", 1),
    (b"=3\r\ntxt\r\n", "length", 1),
    (b"=15\r\ntxt_Some string\r\n", "format", 5),
    (b"*2\r\n:1\r\nx\r\n", "type", 8),
]


@pytest.mark.parametrize(("wire", "field", "offset"), WRONG_VALUES)
def test_octets_that_are_no_value_are_malformed_where_they_go_wrong(
    wire: bytes, field: str, offset: int
) -> None:
    for make in (Reader, Annotator):
        with pytest.raises(Malformed) as caught:
            read_value(make(wire))
        assert (caught.value.field.name, caught.value.offset) == (field, offset)


@pytest.mark.parametrize(
    ("wire", "limit"),
    [
        (b"*2147483648\r\n", (1 << 31) - 1),
        (b"*1\r\n$536870913\r\n", 512 << 20),
        (b"x" * 65537, 65536),
        (b"x" * 65537 + b"\r\n", 65536),
    ],
)
def test_a_command_past_a_limit_is_refused_before_its_octets_come(wire: bytes, limit: int) -> None:
    with pytest.raises(Refused) as caught:
        read_command(Reader(wire))
    assert caught.value.limit == limit


@pytest.mark.parametrize("wire", [b"*2147483647\r\n", b"*1\r\n$536870912\r\n", b"x" * 65536])
def test_a_command_just_within_a_limit_is_waited_for(wire: bytes) -> None:
    with pytest.raises(NeedMore):
        read_command(Reader(wire))


@pytest.mark.parametrize(
    "wire",
    [
        b"*1\r\n" * 129,
        b"*1\r\n" * 100_000,
        b"+" + b"x" * 65540,
        b"$536870913\r\n",
        b"*2147483648\r\n",
    ],
)
def test_a_value_past_a_limit_is_refused(wire: bytes) -> None:
    with pytest.raises(Refused):
        read_value(Reader(wire))


def test_values_may_lie_128_deep() -> None:
    wire = b"*1\r\n" * 128 + b":1\r\n"
    assert bytes(read_value(Annotator(wire))) == wire


def looks(read: Any, wire: bytes, piece: int) -> int:
    """How often a feed begins again with one message that comes in pieces."""
    calls = 0

    def counted(r: Reader) -> Any:
        nonlocal calls
        calls += 1
        return read(r)

    feed = Feed(counted)
    got = [m for at in range(0, len(wire), piece) for m in feed.receive(wire[at : at + piece])]
    assert (len(got), feed.pending) == (1, b"")
    return calls


NESTED = b"*400\r\n" + b"*2\r\n$3\r\nabc\r\n*2\r\n:1\r\n:2\r\n" * 400


@pytest.mark.parametrize(
    ("read", "wire"),
    [
        (read_value, NESTED),
        (read_value, b"*4000\r\n" + b"$1\r\nx\r\n" * 4_000),
        (read_value, b"%1\r\n+a\r\n$100000\r\n" + b"x" * 100_000 + b"\r\n"),
        (read_value, b"+" + b"x" * 60_000 + b"\r\n"),
        (read_command, b"*4000\r\n" + b"$1\r\nx\r\n" * 4_000),
        (read_command, b"GET " + b"x" * 60_000 + b"\r\n"),
    ],
)
def test_a_long_message_that_comes_in_small_pieces_is_not_begun_again_for_each(
    read: Any, wire: bytes
) -> None:
    assert looks(read, wire, 7) < 90


def test_a_count_takes_no_memory() -> None:
    for wire in (b"*2147483647\r\n$1\r\na\r\n", b"$536870912\r\nx", b"%2147483647\r\n+a\r\n"):
        with pytest.raises(NeedMore):
            read_value(Reader(wire))


def values() -> st.SearchStrategy[Value]:
    text = st.binary(max_size=8).map(lambda t: t.replace(b"\r", b"").replace(b"\n", b""))
    scalars = st.one_of(
        text.map(Simple),
        text.map(Error),
        st.integers(-(1 << 63), (1 << 63) - 1).map(Integer),
        st.none().map(Bulk) | st.binary(max_size=9).map(Bulk),
        st.just(Null()),
        st.booleans().map(Boolean),
        st.integers().map(BigNumber),
        st.binary(max_size=9).map(lambda t: Verbatim(b"txt", t)),
        st.floats(allow_nan=False).map(Double),
    )

    def around(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
        several = st.lists(inner, max_size=4).map(tuple)
        pairs = st.lists(st.tuples(inner, inner), max_size=3).map(tuple)
        return st.one_of(
            several.map(Array),
            several.map(Set),
            several.map(Push),
            pairs.map(Map),
            st.builds(Attribute, pairs, inner),
        )

    return st.recursive(scalars, around, max_leaves=12)


@given(values(), st.data())
def test_any_value_is_read_as_it_was_written_however_it_is_cut(
    value: Value, data: st.DataObject
) -> None:
    wire = bytes(value) * 2
    cut = data.draw(st.integers(0, len(wire)))
    feed = Feed(read_value)
    assert [*feed.receive(wire[:cut]), *feed.receive(wire[cut:])] == [value, value]


@given(st.lists(st.binary(max_size=30), max_size=12), st.booleans())
def test_any_words_are_read_as_they_were_written(words: list[bytes], inline: bool) -> None:
    command = Command(tuple(words), inline)
    assert read_command(Annotator(bytes(command))) == command


SET_A = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$5\r\nhello\r\n"

PLACES: list[tuple[str, bytes, str, str | None, Any, list[tuple[int, int]]]] = [
    ("to_server", SET_A, "name", None, b"SET", [(8, 11)]),
    ("to_server", SET_A, "argument", "2", b"hello", [(24, 29)]),
    ("to_server", SET_A, "argument", "3", None, [(31, 31)]),
    ("to_server", SET_A, "words", None, (b"SET", b"a", b"hello"), [(8, 11), (17, 18), (24, 29)]),
    ("to_server", b"get a\r\n", "name", None, b"GET", [(0, 3)]),
    ("to_client", b"+OK\r\n", "reply", None, Simple(b"OK"), [(0, 5)]),
    ("to_client", b"+OK\r\n", "kind", None, "simple", [(0, 1)]),
    ("to_client", b"+OK\r\n", "text", None, b"OK", [(1, 3)]),
    ("to_client", b"+OK\r\n", "integer", None, None, [(0, 5)]),
    ("to_client", b"-ERR no\r\n", "code", None, b"ERR", [(1, 4)]),
    ("to_client", b"-ERR no\r\n", "text", None, b"ERR no", [(1, 4), (4, 7)]),
    ("to_client", b":42\r\n", "integer", None, 42, [(1, 3)]),
    ("to_client", b"$2\r\nhi\r\n", "text", None, b"hi", [(4, 6)]),
    ("to_client", b"$-1\r\n", "text", None, None, [(0, 5)]),
    ("to_client", b"*2\r\n:1\r\n*1\r\n$-1\r\n", "items", None, (1, (None,)), [(0, 17)]),
    ("to_client", b"*2\r\n:1\r\n*1\r\n$-1\r\n", "item", "1", (None,), [(8, 17)]),
    ("to_client", b"*2\r\n:1\r\n*1\r\n$-1\r\n", "item", "2", None, [(17, 17)]),
    ("to_client", b"%1\r\n+proto\r\n:3\r\n", "item", "proto", 3, [(12, 16)]),
    ("to_client", b"%1\r\n+proto\r\n:3\r\n", "items", None, ((b"proto", 3),), [(0, 16)]),
]


@pytest.mark.parametrize(("way", "wire", "name", "key", "value", "place"), PLACES)
def test_every_part_of_a_message_has_a_name_and_a_place(
    way: str, wire: bytes, name: str, key: str | None, value: Any, place: list[tuple[int, int]]
) -> None:
    codec, a = Resp(), Annotator(wire)
    message = getattr(codec, way)(a)
    assert codec.locate(a, message, name, key) == (value, place)


def test_a_place_is_that_of_its_own_message() -> None:
    codec, a = Resp(), Annotator(b":1\r\n:2\r\n")
    first, second = codec.to_client(a), codec.to_client(a)
    assert codec.locate(a, second, "integer") == (2, [(5, 6)])
    assert codec.locate(a, first, "integer") == (1, [(1, 2)])


def test_a_name_that_these_messages_do_not_have_is_a_key_error() -> None:
    codec, a = Resp(), Annotator(b"+OK\r\n")
    message = codec.to_client(a)
    with pytest.raises(KeyError):
        codec.locate(a, message, "status")


@pytest.mark.parametrize(
    ("message", "says"),
    [
        (Command((b"SET", b"a", b"two words")), 'SET a "two words"'),
        (Command((b"DEL", *[b"k"] * 9)), "DEL k k k k k k k and 2 more"),
        (Command(()), "no words"),
        (Simple(b"OK"), "OK"),
        (Error(b"ERR no"), "ERR no"),
        (Bulk(b"a\n"), '"a\\n"'),
        (Bulk(None), "nothing"),
        (Array(None), "nothing"),
        (Integer(3), "3"),
        (Array((Integer(1), Bulk(b"x"))), 'array of 2: 1, "x"'),
        (Map(((Simple(b"a"), Integer(1)),)), "map of 1: a, 1"),
        (Push((Bulk(b"message"), Bulk(b"c"), Bulk(b"hi"))), 'push of 3: "message", "c", "hi"'),
    ],
)
def test_a_message_is_told_in_one_line(message: Command | Value, says: str) -> None:
    assert Resp().says(message) == says


@pytest.mark.parametrize(
    ("data", "since", "to_server", "place"),
    [
        (b"garbage\r\n*1\r\n$4\r\nPING\r\n", 0, True, 9),
        (b"garbage\r\n*x\r\n", 0, True, -1),
        (b"hello\r\n:1\r\n", 1, False, 7),
        (b"hello\r\n$5\r\nhello\r\n", 0, False, 7),
        (b"hello", 0, False, -1),
    ],
)
def test_reading_goes_on_where_a_message_may_begin(
    data: bytes, since: int, to_server: bool, place: int
) -> None:
    assert Resp().resume(data, since, to_server) == place


def test_every_label_has_a_meaning_and_a_section() -> None:
    for read, samples in ((read_command, COMMANDS), (read_value, VALUES)):
        for wire, _ in samples:
            a = Annotator(wire)
            read(a)
            for span in a.spans:
                assert len(span.field.meaning(span.value)) > 3
                assert span.field.spec.startswith("RESP §")


def test_a_command_is_a_group_of_its_words() -> None:
    a = Annotator(b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n")
    read_command(a)
    [node] = a.tree()
    assert node.span.field is grammar.COMMAND
    assert [n.span.field.name for n in node.children] == [
        "type", "count", "line end",
        "type", "length", "line end", "name", "line end",
        "type", "length", "line end", "argument", "line end",
    ]  # fmt: skip
