"""The page's types from the program's: tables of requests → OpenAPI → TypeScript.

    .venv/bin/python -m tools.shapes            writes frontend/openapi.json
    .venv/bin/python -m tools.shapes --check    says whether it is what would be written

    Ask("GET", "/slots/{slot}", cls.choices, …)  ──here──▶  "/slots/{slot}": {"get": …}
    async def choices(…) -> list[Choice]                     ╰─openapi-typescript─▶ get("/slots/{slot}", …)

The TypeScript is made of it when the page is built.

Left out: which 4xx. Each is answered with a Problem, whose sentence says it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import msgspec

from cutaway import __version__
from cutaway.web.app import AREAS
from cutaway.web.asks import API, JSON, Ask
from cutaway.web.shapes.problem import Problem
from tools.frontend import ROOT

OPENAPI = ROOT / "frontend/openapi.json"
REF = "#/components/schemas/"


def description() -> dict[str, Any]:
    """All that can be asked, as OpenAPI describes it."""
    asks = [ask for area in AREAS for ask in area.asks()]
    shapes = Shapes(asks)
    paths: dict[str, dict[str, Any]] = {}
    for ask in asks:
        paths.setdefault(ask.template, {})[ask.method.lower()] = operation(ask, shapes)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cutaway", "version": __version__},
        "servers": [{"url": API}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(shapes.components.items()))},
    }


class Shapes:
    """The schema of each type that is asked or answered."""

    def __init__(self, asks: list[Ask]) -> None:
        told = [Problem, *(of for ask in asks for of in ask.answers.values() if of is not None)]
        said = [of for ask in asks for of in (ask.body, *ask.where.values(), str, int) if of]
        schemas, self.components = msgspec.json.schema_components(
            [*told, *said], ref_template=REF + "{name}"
        )
        self._of = list(zip([*told, *said], schemas, strict=True))
        for name in set(self._within([self.of(one) for one in told])):
            # What is answered always has every member; of what is asked, some may be left out.
            schema = self.components[name]
            schema["required"] = list(schema.get("properties", {}))

    def of(self, wanted: Any) -> dict[str, Any]:
        return next(schema for one, schema in self._of if one == wanted)

    def _within(self, schemas: list[dict[str, Any]]) -> Iterator[str]:
        """Names of all that these speak of."""
        seen: set[str] = set()
        waiting = [name for one in schemas for name in refs(one)]
        while waiting:
            if (name := waiting.pop()) not in seen:
                seen.add(name)
                yield name
                waiting += refs(self.components[name])


def refs(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for one in schema for name in refs(one)]
    if not isinstance(schema, dict):
        return []
    here = [schema["$ref"].removeprefix(REF)] if "$ref" in schema else []
    return here + [name for one in schema.values() for name in refs(one)]


def operation(ask: Ask, shapes: Shapes) -> dict[str, Any]:
    places = [("path", ask.in_path), ("query", ask.in_query)]
    made: dict[str, Any] = {
        "summary": ask.says,
        "parameters": [
            {"name": name, "in": place, "required": place == "path", "schema": shapes.of(of)}
            for place, found in places
            for name, of in found.items()
        ],
        "responses": {
            "200": {"description": "Done.", "content": content(ask.answers, shapes)},
            "4XX": {"description": "Why not.", "content": content({JSON: Problem}, shapes)},
        },
    }
    if ask.body is not None:
        made["requestBody"] = {"required": True, "content": content({JSON: ask.body}, shapes)}
    return made


def content(answers: dict[str, Any], shapes: Shapes) -> dict[str, Any]:
    """Media type → what is in it; octets are not described."""
    return {
        media: {"schema": shapes.of(of)} if of is not None else {} for media, of in answers.items()
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
