"""Run benchmarks by name, print their figures, and write RESULTS.md when all of them ran."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from .measure import machine, table

NAMES = (
    *("help", "stages", "judge", "edit", "servers", "cache", "todo", "machine", "proxy", "load"),
    "relay",
)
RESULTS = Path(__file__).with_name("RESULTS.md")


def main(names: list[str]) -> int:
    """0 when every figure holds its limit, 1 when one does not, 2 for an unknown name."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"there is no benchmark {unknown[0]}: choose from {', '.join(NAMES)}")
        return 2
    parts, held = [f"# Results\n\n{machine()}\n"], True
    for name in names or NAMES:
        module = import_module(f"benchmarks.{name}")
        print(f"{name} …", file=sys.stderr, flush=True)
        figures = module.figures()
        held &= all(figure.holds for figure in figures)
        said = module.__doc__.partition("\n")[0]
        parts.append(f"## {name}\n\n{said}\n\n{table(figures)}")
        print(parts[-1], flush=True)
    if not names:
        RESULTS.write_text("\n".join(parts), encoding="utf-8")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
