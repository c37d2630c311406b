"""A chart as an image, by a process of its own: the library that draws brings a whole JavaScript engine.

    python -m cutaway.lab.drawing png < chart.json > chart.png

    image(chart(report), "png")         the octets

Whoever runs for days must not keep that engine in memory, nor wait for it in its own thread.

Left out: what is drawn. That is chart.py.
"""

from __future__ import annotations

import json
import subprocess
import sys

from .scale import Spec

FORMS = ("png", "svg")
PATIENCE = 60.0  # seconds


class NotDrawn(Exception):
    """One sentence."""


def image(spec: Spec, form: str) -> bytes:
    """Raises NotDrawn."""
    words = [sys.executable, "-m", __name__, form]
    try:
        done = subprocess.run(
            words, input=json.dumps(spec).encode(), capture_output=True, timeout=PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired):
        raise NotDrawn("The picture was not drawn in time.") from None
    if done.returncode == 3:
        raise NotDrawn("The picture is not drawn: the module vl_convert is missing.")
    if done.returncode or not done.stdout:
        raise NotDrawn("The picture could not be drawn.")
    return done.stdout


def main(form: str) -> int:
    try:
        import vl_convert
    except ImportError:
        return 3
    spec = json.load(sys.stdin.buffer)
    if form == "svg":
        sys.stdout.buffer.write(vl_convert.vegalite_to_svg(spec).encode())
    else:
        sys.stdout.buffer.write(vl_convert.vegalite_to_png(spec, scale=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
