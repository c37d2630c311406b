"""What Cutaway itself did wrong: a file with the details, to be reported.

    written(error)       "/home/me/.local/share/cutaway/defects/20260304-051617.txt"

Left out: the sentence about it, which is said where it happened.
"""

from __future__ import annotations

import sys
import time
import traceback

from .progress import home


def written(error: BaseException) -> str:
    """The file that holds the details; "" where none can be written."""
    text = f"{sys.argv}\nPython {sys.version}\n\n" + "".join(traceback.format_exception(error))
    try:
        folder = home() / "defects"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / time.strftime("%Y%m%d-%H%M%S.txt")
        file.write_text(text, encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return str(file)
