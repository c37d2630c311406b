"""`python -m cutaway.topics.proxy.real NAME`: runs it, with the contract in its environment.

NAME is nginx, caddy, haproxy, or nginx-bare, which is what most people begin with.

Left out: options. What is asked stands in the environment.
"""

from __future__ import annotations

import sys
from importlib import import_module

from . import REAL
from .asked import run

USAGE = 2
BARE = "-bare"


def main(words: list[str]) -> int:
    name = words[0].removesuffix(BARE) if words else ""
    if len(words) != 1 or name not in REAL:
        print(f"python -m {__package__} {'|'.join(REAL)}", file=sys.stderr)
        return USAGE
    real = REAL[name]
    binary = real.binary()
    if binary is None:
        print(real.missing(), file=sys.stderr)
        return USAGE
    return run(import_module(f"{__package__}.{name}"), binary, bare=words[0].endswith(BARE))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
