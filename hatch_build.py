"""What a build of the package does besides copying files: it builds the page.

The work is in tools/frontend.py. A page that cannot be built is a warning, not an end: everything
that is typed works without it. In a wheel to be published it is an end (CUTAWAY_PAGE=required).
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildThePage(BuildHookInterface):  # type: ignore[type-arg]
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        spec = importlib.util.spec_from_file_location("frontend", root / "tools/frontend.py")
        assert spec is not None
        assert spec.loader is not None
        frontend = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(frontend)
        if frontend.is_fresh(root):
            return
        try:
            frontend.build(root)
        except frontend.CannotBuild as problem:
            if os.environ.get("CUTAWAY_PAGE") == "required":
                raise
            self.app.display_warning(f"The page is not built: {problem}")
