"""Slots and links from a file, and what is wrong with one."""

import pytest

from cutaway.system.blueprint import BadBlueprint, made_of, read


def test_the_default_machine_is_traffic_a_proxy_two_apps_a_cache_and_a_store():
    blueprint = read()
    assert list(blueprint.parts) == ["traffic", "proxy", "app-1", "app-2", "cache", "store"]
    assert [wire.name for wire in blueprint.wires] == [
        "traffic-to-proxy",
        "proxy-to-app-1",
        "proxy-to-app-2",
        "app-1-to-cache",
        "app-2-to-cache",
        "app-1-to-store",
        "app-2-to-store",
    ]


def test_whoever_is_asked_starts_before_who_asks():
    assert read().floors() == [["cache", "store"], ["app-1", "app-2"], ["proxy"]]


def test_a_part_has_the_ports_on_which_it_is_asked():
    assert read().listeners("proxy") == ("TLS_PORT",)
    assert read().listeners("store") == ("PORT",)


def test_without_tls_the_entrance_is_the_plain_port():
    front = read().unsealed().wires[0].link
    assert (front.port, front.sealed) == ("PORT", False)
    assert read().wires[0].link.sealed


A, B = {"name": "a", "title": "A", "does": "x"}, {"name": "b", "title": "B", "does": "y"}
LINK = {"from": "a", "to": "b", "topic": "t"}
WRONG = [
    ({}, "A machine has [[slot]] tables."),
    ({"slot": [A]}, "A machine has [[link]] tables."),
    ({"slot": [{**A, "size": 3}], "link": [LINK]}, "A slot has no 'size'."),
    ({"slot": [{"name": "a"}], "link": [LINK]}, "The slot a lacks a key."),
    ({"slot": [A, A], "link": [LINK]}, "There are two slots a."),
    ({"slot": [{**A, "count": 9}, B], "link": [LINK]}, "a has 1 to 8 parts, not 9."),
    ({"slot": [A], "link": [LINK]}, "A link names b, which is no slot."),
    (
        {"slot": [A, B], "link": [LINK, {**LINK, "from": "b", "to": "a"}]},
        "The links go round in a circle.",
    ),
]


@pytest.mark.parametrize(("said", "sentence"), WRONG, ids=[s for _, s in WRONG])
def test_what_makes_no_machine_is_told_in_a_sentence(said, sentence):
    with pytest.raises(BadBlueprint) as problem:
        made_of(said)
    assert str(problem.value) == sentence


def test_what_is_no_toml_is_told_in_a_sentence(tmp_path):
    file = tmp_path / "system.toml"
    file.write_text("[[slot")
    with pytest.raises(BadBlueprint, match=r"system\.toml is no TOML"):
        read(file)
