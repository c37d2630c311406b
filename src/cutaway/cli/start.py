"""`cutaway start TOPIC [DIR] --lang L`: a project to begin in.

    $ cutaway start http1 --lang go
    Made http1: HTTP/1.1 …
      main.go       the first stage, solved and annotated
    Next: cd http1 && cutaway check

Left out: what is put into the folder. See workshop/starting.py.
"""

from __future__ import annotations

import shlex
from argparse import Namespace
from pathlib import Path

from ..workshop import catalog, starting
from ..workshop.errors import Trouble
from .screen import look


def run(options: Namespace) -> int:
    topic = catalog.topic(options.topic)
    if options.lang is None:
        raise Trouble(
            "Which language?",
            f"Add --lang and one of: {', '.join(topic.starters)}; bare is for any other.",
        )
    folder = Path(options.folder or topic.slug)
    starting.start(topic, folder, options.lang)
    out = look()
    print(f"{out.paint('✓', 'green')} {folder} · {topic.title}")
    for entry in sorted(folder.iterdir()):
        print(f"    {entry.name}")
    enter = "" if folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    print(f"  next      {enter}cutaway check")
    return 0
