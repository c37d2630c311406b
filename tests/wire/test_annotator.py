"""Labels: leaves tile the input to the bit, groups contain them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.wire import Annotator, Field, Layout, NeedMore, Node, Reader, Shape

METHOD, SP, TARGET, REST = (Field(n, "", "here") for n in ("method", "SP", "target", "rest"))
OUTER, INNER, ZIPPED = (Field(n, "", "here") for n in ("outer", "inner", "zipped"))
BITS = Layout("here", ("fin", 1, ""), ("code", 7, ""), ("length", 16, ""))
LF = re.compile(rb"\n")
START = Shape(rb"([A-Z]+)( )(\S*)", METHOD, SP, TARGET)


def rows(a: Annotator) -> list[tuple[int, int, str, object]]:
    return [(s.first, s.past, s.field.name, s.value) for s in a.leaves()]


LABELS: list[tuple[str, Callable[[Reader], Any], bytes, list[tuple[int, int, str, object]]]] = [
    ("take", lambda r: r.take(2, REST), b"ab", [(0, 16, "rest", b"ab")]),
    ("take of nothing", lambda r: r.take(0, REST), b"ab", []),
    ("until, with its mark", lambda r: r.until(LF, REST), b"a\n", [(0, 16, "rest", b"a")]),
    ("a line", lambda r: r.line(REST), b"a\r\n", [(0, 24, "rest", b"a")]),
    ("rest", lambda r: r.rest(REST), b"abc", [(0, 24, "rest", b"abc")]),
    (
        "a shape, group by group",
        lambda r: r.match(START),
        b"GET /",
        [(0, 24, "method", b"GET"), (24, 32, "SP", b" "), (32, 40, "target", b"/")],
    ),
    (
        "a shape with an empty group",
        lambda r: r.match(START),
        b"GET ",
        [(0, 24, "method", b"GET"), (24, 32, "SP", b" ")],
    ),
    (
        "a layout, bit by bit",
        lambda r: r.fixed(BITS),
        b"\x81\x00\x05",
        [(0, 1, "fin", 1), (1, 8, "code", 1), (8, 24, "length", 5)],
    ),
]


@pytest.mark.parametrize(
    ("read", "data", "labels"), [c[1:] for c in LABELS], ids=[c[0] for c in LABELS]
)
def test_whatever_is_read_is_labelled(
    read: Callable[[Reader], Any], data: bytes, labels: list[tuple[int, int, str, object]]
) -> None:
    a = Annotator(data)
    read(a)
    assert rows(a) == labels
    assert a.pos * 8 == (labels[-1][1] if labels else 0)


def test_the_octets_of_a_span_are_all_that_it_touches() -> None:
    a = Annotator(b".\x81\x00\x05", 1)
    a.fixed(BITS)
    assert [(s.field.name, s.start, s.end) for s in a.leaves()] == [
        ("fin", 1, 2),
        ("code", 1, 2),
        ("length", 2, 4),
    ]


FAILS: list[Callable[[Reader], Any]] = [
    lambda r: r.take(4, REST),
    lambda r: r.line(REST),
    lambda r: r.fixed(Layout("here", ("wide", 32, ""))),
]


@pytest.mark.parametrize("read", FAILS)
def test_nothing_is_labelled_by_what_has_to_wait(read: Callable[[Reader], Any]) -> None:
    a = Annotator(b"abc")
    with pytest.raises(NeedMore):
        read(a)
    assert (a.spans, a.pos) == ([], 0)


def test_nothing_is_labelled_by_a_shape_that_does_not_match() -> None:
    a = Annotator(b"abc")
    assert a.match(START) is None
    assert (a.spans, a.pos) == ([], 0)


def nested() -> Annotator:
    """outer [ method, inner [ SP, target ] ], rest"""
    a = Annotator(b"GET /xy")
    a.take(3, METHOD)
    a.take(1, SP)
    a.take(1, TARGET)
    a.group(INNER, 3, "in")
    a.group(OUTER, 0, "out")
    a.take(2, REST)
    return a


def drawn(nodes: list[Node]) -> list[Any]:
    """Names, a name with children as a pair."""
    return [
        (n.span.field.name, drawn(n.children)) if n.children else n.span.field.name for n in nodes
    ]


def test_the_tree_is_by_containment_in_wire_order() -> None:
    assert drawn(nested().tree()) == [
        ("outer", ["method", ("inner", ["SP", "target"])]),
        "rest",
    ]


def test_a_group_is_no_leaf() -> None:
    assert [s.field.name for s in nested().leaves()] == ["method", "SP", "target", "rest"]


def test_a_group_of_nothing_is_no_span() -> None:
    a = Annotator(b"ab")
    a.group(OUTER, 0)
    assert a.spans == []


def test_of_two_groups_over_the_same_octets_the_one_said_later_is_outside() -> None:
    a = Annotator(b"ab")
    a.take(2, REST)
    a.group(INNER, 0)
    a.group(OUTER, 0)
    assert drawn(a.tree()) == [("outer", [("inner", ["rest"])])]


def test_a_leaf_is_inside_a_group_over_the_same_octets_whichever_came_first() -> None:
    a = Annotator(b"ab")
    a.pos = 2
    a.group(OUTER, 0)
    a.leaf(REST, 0, 2, b"ab")
    assert drawn(a.tree()) == [("outer", ["rest"])]


def test_neighbours_are_not_inside_each_other() -> None:
    a = Annotator(b"abcd")
    for start in (0, 2):
        a.take(2, REST)
        a.group(INNER, start)
    assert drawn(a.tree()) == [("inner", ["rest"]), ("inner", ["rest"])]


def test_bit_fields_stand_in_the_tree_in_order() -> None:
    a = Annotator(b"\x81\x00\x05")
    a.fixed(BITS)
    a.group(OUTER, 0)
    assert drawn(a.tree()) == [("outer", ["fin", "code", "length"])]


def test_what_was_transformed_hangs_under_the_octets_it_came_from() -> None:
    inner = Annotator(b"GET /")
    inner.match(START)
    a = Annotator(b"\x1f\x8b..")
    a.take(4, REST)
    a.nest(ZIPPED, 0, inner)
    [node] = a.tree()
    assert node.span.inner is inner
    assert node.span.value == b"GET /"
    assert drawn(a.tree()) == [("zipped", ["rest"])]
    assert [s.field.name for s in a.leaves()] == ["rest"]


def test_an_empty_transformation_behind_a_group_is_not_inside_it() -> None:
    a = Annotator(b"ab")
    a.take(2, REST)
    a.group(OUTER, 0)
    a.nest(ZIPPED, 2, Annotator())
    assert drawn(a.tree()) == [("outer", ["rest"]), "zipped"]


def test_find_gives_the_spans_of_one_field_in_order() -> None:
    a = Annotator(b"abc")
    for n, field in ((1, REST), (1, SP), (1, REST)):
        a.take(n, field)
    assert [s.value for s in a.find(REST)] == [b"a", b"c"]


@given(
    st.recursive(st.binary(max_size=3), lambda inner: st.lists(inner, max_size=4), max_leaves=20)
)
def test_however_groups_are_nested_the_tree_holds_every_span_inside_its_parent(shape: Any) -> None:
    def flat(node: Any) -> bytes:
        return node if isinstance(node, bytes) else b"".join(map(flat, node))

    def read(r: Reader, node: Any) -> None:
        start = r.pos
        if isinstance(node, bytes):
            r.take(len(node), REST)
            return
        for each in node:
            read(r, each)
        r.group(OUTER, start)

    a = Annotator(flat(shape))
    read(a, shape)

    def check(nodes: list[Node], first: int, past: int) -> int:
        for node in nodes:
            assert first <= node.span.first < node.span.past <= past
            first = node.span.past
        return sum(1 + check(n.children, n.span.first, n.span.past) for n in nodes)

    assert check(a.tree(), 0, len(a.data) * 8) == len(a.spans)
