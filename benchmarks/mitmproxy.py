"""mitmproxy, in an environment of its own: it pins versions that the project's lock does not have.

    mitmdump()        "…/.toolchains/mitmproxy/bin/mitmdump"; None, and why, where it cannot be had

Installed from the package registry the first time, which takes a minute; kept afterwards.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

FOLDER = Path(__file__).parents[1] / ".toolchains" / "mitmproxy"
VERSION = "mitmproxy==11.*"


def mitmdump() -> str | None:
    program = FOLDER / "bin" / "mitmdump"
    if not program.exists():
        venv.create(FOLDER, with_pip=True, clear=True)
        pip = [str(FOLDER / "bin" / "python"), "-m", "pip", "install", "--quiet", VERSION]
        if subprocess.run(pip, check=False).returncode or not program.exists():
            print("left out: mitmproxy (it could not be installed)", file=sys.stderr)
            return None
    return str(program)
