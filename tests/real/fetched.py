"""Client libraries from their registries, in a folder of this checkout that is not in git.

    folder = fetched(IOREDIS, require_tool)      .toolchains/clients/node-1f0c…/, with node_modules in it
    run([str(word) for word in (*IOREDIS.run, port)], cwd=folder)

The folder is named by what is fetched and by the program that uses it, so it is made once and a change
makes another. What is fetched is pinned, with hashes, in go.sum and package-lock.json; neither names a
host, so where packages come from is the business of each machine. Without a registry the test is
skipped; with CI=true it fails.

Left out: Python packages, which are in the lock of the tests.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.toolchains import GO, NODE_20, Require, Tool, present

KEPT = Path(__file__).parents[2] / ".toolchains" / "clients"
SOURCES = Path(__file__).parent / "clients_cache"
PATIENCE = 240.0  # seconds for a registry


@dataclass(frozen=True)
class Fetch:
    """tools: what it needs; a program without a version goes by its name and its advice."""

    name: str
    tools: tuple[Tool, ...]
    also: tuple[tuple[str, str], ...]
    get: tuple[str, ...]


GO_REDIS = Fetch(
    "go_redis",
    (GO,),
    (),
    ("go", "build", "-mod=readonly", "-modcacherw", "-buildvcs=false", "-o", "session", "."),
)
NODE_CLIENTS = Fetch(
    "node",
    (NODE_20,),
    (("npm", "it comes with Node.js from https://nodejs.org; Debian: apt install npm"),),
    ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"),
)


def fetched(what: Fetch, require: Require) -> Path:
    """Where it is; a skip (with CI=true a failure) where it cannot be had."""
    for tool in what.tools:
        present(tool, require)
    for name, advice in what.also:
        require(name, advice)
    source = SOURCES / what.name
    folder = KEPT / f"{what.name}-{fingerprint(source)}"
    KEPT.mkdir(parents=True, exist_ok=True)
    with only_one(KEPT / f"{folder.name}.lock"):
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=KEPT) as name:
                copy = shutil.copytree(source, Path(name) / what.name)
                get(what, copy)
                copy.rename(folder)
    return folder


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Tests run in several processes: whoever comes second waits, and finds what the first has fetched."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def fingerprint(source: Path) -> str:
    everything = hashlib.sha256()
    for path in sorted(source.iterdir()):
        everything.update(path.name.encode() + b"\0" + path.read_bytes())
    return everything.hexdigest()[:12]


def get(what: Fetch, folder: Path) -> None:
    environment = os.environ | {"GOMODCACHE": str(KEPT / "modules")}
    try:
        done = subprocess.run(
            what.get, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        lacking(f"{what.get[0]} got nothing in {PATIENCE:.0f} s")
    else:
        if done.returncode:
            lacking(f"{' '.join(what.get)} ended with {done.returncode}:\n{done.stderr[-2000:]}")


def lacking(why: str) -> None:
    message = f"{why}\nThe package registry is needed once; what came from it is kept in {KEPT}"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
