"""`cutaway lesson [TOPIC]`: the lesson of a topic, set for a terminal, or as it is for a file.

    cutaway lesson tcp              set, in colour
    cutaway lesson tcp > tcp.md     Markdown
    cutaway lesson tcp --pager      in $PAGER
    cutaway lesson tcp --recall     questions about it, for some days later

Left out: pictures. The lessons draw with characters.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from argparse import Namespace

from ..workshop import catalog, project
from ..workshop.errors import Trouble
from .screen import look

WIDTH = 100


def run(options: Namespace) -> int:
    from pathlib import Path

    slug = options.topic or project.find(Path.cwd()).topic
    topic = catalog.topic(slug)
    if options.recall:
        from .recall import ask

        return ask(topic)
    if not topic.lesson.is_file():
        raise Trouble(f"The topic {slug} has no lesson in this version.", "See `cutaway topics`.")
    text = topic.lesson.read_text(encoding="utf-8")
    # What is said to the tools that make the lesson is no part of it.
    text = re.sub(r"<!--.*?-->\n?", "", text, flags=re.DOTALL)
    if not sys.stdout.isatty():
        sys.stdout.write(text)
    elif options.pager:
        return _paged(_set(text))
    else:
        sys.stdout.write(_set(text))
    return 0


def _set(text: str) -> str:
    from rich.console import Console
    from rich.markdown import Markdown

    out = look()
    # rich looks at NO_COLOR itself; what is captured must still be told that a terminal reads it.
    console = Console(width=min(out.width, WIDTH), force_terminal=True)
    with console.capture() as captured:
        console.print(Markdown(text))
    return captured.get()


def _paged(text: str) -> int:
    words = shlex.split(os.environ.get("PAGER", "")) or ["less", "-R"]
    try:
        subprocess.run(words, input=text.encode(), env={"LESS": "-R", **os.environ}, check=False)
    except OSError:
        raise Trouble(f"The pager {words[0]!r} cannot be run.", "Set PAGER.") from None
    return 0
