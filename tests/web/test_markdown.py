"""Markdown becomes blocks of words. Nothing of it is ever markup."""

import pytest

from cutaway.web.markdown import coloured, place, plain, read, words
from cutaway.web.shapes import learn as shapes

W = shapes.Words


def the(text):
    [block] = read(text, "http1")
    return block


def test_words_have_a_kind():
    block = the("A `Host` field is *one*, and **only** one.")
    assert block.words == [
        W("plain", "A "),
        W("code", "Host"),
        W("plain", " field is "),
        W("emphasis", "one"),
        W("plain", ", and "),
        W("strong", "only"),
        W("plain", " one."),
    ]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a <b onclick=x>b</b>", "&lt;i&gt;"])
def test_markup_is_no_block_or_stays_text(text):
    for block in read(text, "http1"):
        assert all(one.kind == "plain" for one in block.words)


@pytest.mark.parametrize(
    ("href", "to"),
    [("https://a.example/b", "https://a.example/b"), ("javascript:alert(1)", ""), ("/api/x", "")],
)
def test_a_link_leads_only_where_a_browser_may_be_led(href, to):
    assert [one.to for one in the(f"[go]({href})").words] == [to]


@pytest.mark.parametrize(
    ("command", "to"),
    [
        ("cutaway lab http1/head-of-line", "lab/http1/head-of-line"),
        ("cutaway lesson tcp", "learn/tcp"),
        ("cutaway lesson tcp --recall", "learn/tcp/recall"),
        ("cutaway lab http1/head-of-line --set x=1", ""),
        ("cutaway serve http1", ""),
    ],
)
def test_a_command_leads_to_its_place_in_the_page(command, to):
    assert place(command) == to
    assert [one.to for one in the(f"`{command}`").words] == [to]


def test_a_table_has_a_head_and_rows():
    block = the("| a | b |\n|---|---|\n| 1 | `2` |\n")
    assert block == shapes.Grid(
        [[W("plain", "a")], [W("plain", "b")]], [[[W("plain", "1")], [W("code", "2")]]]
    )


def test_a_table_whose_right_column_is_to_be_guessed_is_covered():
    _, block = read("**Try** it before the right column.\n\n| a |\n|---|\n| 1 |\n", "http1")
    assert block.covered


def test_a_list_has_items():
    assert the("1. one\n2. `two`\n") == shapes.Listed(
        True, [[W("plain", "one")], [W("code", "two")]]
    )


@pytest.mark.parametrize(
    ("text", "role"),
    [("**Try** it.", "try"), ("**Predict**: x", "predict"), ("**Try** and **Predict**", "predict")],
)
def test_what_is_to_be_done_has_a_role(text, role):
    assert the(text).role == role


@pytest.mark.parametrize(
    ("marker", "what", "symbol"),
    [
        ("<!-- code: Connection.linger -->\n", "code", "Connection.linger"),
        ("<!-- measured: x -->\n", "measured", ""),
        ("<!-- exchange: talk\nGET / HTTP/1.1\n\n-->\n", "exchange", ""),
        ("", "text", ""),
    ],
)
def test_what_is_quoted_says_where_it_comes_from(marker, what, symbol):
    block = the(f"{marker}```text\na\n```\n<!-- end -->\n")
    assert (block.what, block.symbol, block.tokens) == (what, symbol, [shapes.Token("", "a")])


def test_a_drawing_is_known_by_its_lines():
    assert the("```text\na ──▶ b\n```\n").what == "drawing"


def test_a_table_of_states_comes_as_such():
    block = the("<!-- states: CONNECTION -->\n```text\nidle\n```\n<!-- end -->\n")
    assert (block.start, block.arrows[0].source) == ("idle", "idle")
    assert {one.target for one in block.arrows} <= set(block.states)


def test_a_table_of_states_that_is_not_there_stays_a_drawing():
    assert the("<!-- states: NOBODY -->\n```text\na ──▶ b\n```\n").what == "drawing"


@pytest.mark.parametrize(
    "text", ["def f():\n    return 'x'  # y\n", "    if (", '"""never ends', ""]
)
def test_coloured_code_is_the_same_code(text):
    assert "".join(token.text for token in coloured(text)) == text


def test_words_of_a_sentence_are_no_markdown():
    assert words("b'*a*' and `b`\n is <i>") == [
        W("plain", "b'*a*' and "),
        W("code", "b"),
        W("plain", " is <i>"),
    ]
    assert plain(words("a `b`")) == "a b"
