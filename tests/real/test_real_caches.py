"""Valkey is played through all stages of cache.

As in test_real_servers.py both directions are held: a failure that the table does not list fails
here, and so does a listed difference that is no more. A case that fails without being listed is
played again, since lifetimes are really waited for here, and hit ratios are drawn at random.

Left out: Redis, of which this machine need not have a server; what differs between the two stands in
the table as a note.
"""

from __future__ import annotations

import pytest

from tests.real.grading import graded, shortfall
from tests.real.known import compared, known
from tests.real.servers import CACHES, Server
from tests.toolchains import Require, RequireModule, all_present

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

SEED = 9110
AGAIN = 2


@pytest.mark.parametrize("cache", CACHES.values(), ids=lambda cache: cache.name)
def test_a_real_cache_differs_only_where_it_is_known_to(
    cache: Server, require_tool: Require, require_module: RequireModule
) -> None:
    all_present(cache.tools, cache.modules, require_tool, require_module)
    result = graded("cache", cache.command(), SEED)
    short, listed = shortfall(result), known("cache", cache.name)
    for time in range(AGAIN):
        surprises = short.keys() - listed.keys()
        if not surprises:
            break
        stages = {name.partition(" · ")[0] for name in surprises}
        once_more = graded("cache", cache.command(), SEED + 1 + time, stages)
        recovered = surprises - shortfall(once_more, stages).keys()
        short = {name: outcome for name, outcome in short.items() if name not in recovered}
    compared("cache", cache, result, short)
