"""The page's types from the program's: web/shapes/ → OpenAPI → TypeScript.

    .venv/bin/python -m tools.shapes            writes frontend/openapi.json
    .venv/bin/python -m tools.shapes --check    says whether it is what would be written

The TypeScript is made of it when the page is built.

Left out: the paths. The page asks for few things, by hand.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import sys
from typing import Any

import msgspec

from cutaway import __version__
from cutaway.web import shapes
from tools.frontend import ROOT

OPENAPI = ROOT / "frontend/openapi.json"


def description() -> dict[str, Any]:
    """Every class of web/shapes/, as OpenAPI describes it."""
    modules = [
        importlib.import_module(f"{shapes.__name__}.{found.name}")
        for found in pkgutil.iter_modules(shapes.__path__)
    ]
    structs = [
        one
        for module in modules
        for _, one in inspect.getmembers(module, inspect.isclass)
        if issubclass(one, msgspec.Struct) and one.__module__ == module.__name__
    ]
    _, components = msgspec.json.schema_components(
        structs, ref_template="#/components/schemas/{name}"
    )
    for schema in components.values():
        # What is written always has every member.
        schema["required"] = list(schema.get("properties", {}))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cutaway", "version": __version__},
        "paths": {},
        "components": {"schemas": dict(sorted(components.items()))},
    }


def main(words: list[str]) -> int:
    text = json.dumps(description(), indent=2) + "\n"
    if "--check" in words:
        fresh = OPENAPI.is_file() and OPENAPI.read_text() == text
        print("fresh" if fresh else "frontend/openapi.json is out of date: python -m tools.shapes")
        return 0 if fresh else 1
    OPENAPI.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
