"""Where a part keeps what must survive it, and which program wrote it.

    kept = Kept(home / "store")
    kept.holds()                     (Filling(), home/store/1), or None at the first start
    folder = kept.fresh()            home/store/2, empty, for whoever takes over
    kept.now(filling, folder)        from here on this one holds everything; the others are removed

    home/store/holds.json            {"filling": {"kind": "real", "name": "valkey", …}, "folder": "2"}
    home/store/2/appendonlydir/…

One program cannot read the files of another, and two cannot have one folder. So each that takes over
gets a folder of its own, is given everything over the wire, and only then is it the one that holds.
Whoever stops in between finds what the last one had.

Left out: copies of older ones.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path

from .filling import Filling


class Kept:
    """Of one part. folder: for this part alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "holds.json"

    def holds(self) -> tuple[Filling, Path] | None:
        """Who wrote what is there, and where; None where nothing is."""
        try:
            said = json.loads(self._file.read_text(encoding="utf-8"))
            filling, folder = Filling(**said["filling"]), self.folder / str(int(said["folder"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return (filling, folder) if folder.is_dir() else None

    def fresh(self) -> Path:
        """An empty folder. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        used = [int(entry.name) for entry in self.folder.iterdir() if entry.name.isdigit()]
        folder = self.folder / str(max(used, default=0) + 1)
        folder.mkdir()
        return folder

    def now(self, filling: Filling, folder: Path) -> None:
        """What is in that folder is what counts, and this is who wrote it. Raises OSError."""
        said = {"filling": asdict(filling), "folder": folder.name}
        beside = self._file.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as file:
            json.dump(said, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._file)

    def tidy(self) -> None:
        """Remove what no longer counts, once nobody has it open."""
        held = self.holds()
        if held is None:
            return
        for entry in list(self.folder.iterdir()):
            if entry.name.isdigit() and entry != held[1]:
                shutil.rmtree(entry, ignore_errors=True)
