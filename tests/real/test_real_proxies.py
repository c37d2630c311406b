"""Proxies that other people wrote are played through all stages of proxy.

As in test_real_servers.py both directions are held: a failure that the table does not list fails
here, and so does a listed difference that is no more. What a proxy cannot do at all, a tunnel or a
health check, is a difference like any other.

The three are played side by side, each by a grader in a process of its own: nearly all of the time
is waiting. Their time limits are theirs, half a second in some cases, and no calibration stretches
them. So a case that fails without being listed is played again when the machine has less to do, and
counts when it fails each time.

Left out: mitmproxy, which buffers bodies unless it is told to look at none.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor

import pytest

from cutaway.grade.verdict import CheckResult
from tests.real.grading import graded, shortfall
from tests.real.known import compared, known
from tests.real.servers import REAL_PROXIES, Server
from tests.toolchains import Require, RequireModule, all_present

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

SEED = 9110
AGAIN = 2
Played = dict[str, "Future[CheckResult]"]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The check of each proxy that is here. What they write stays, as they are killed: it has a folder
    that is removed some day."""
    context = multiprocessing.get_context("spawn")
    with (
        pytest.MonkeyPatch.context() as patch,
        ProcessPoolExecutor(len(REAL_PROXIES), mp_context=context) as pool,
    ):
        patch.setenv("TMPDIR", str(tmp_path_factory.mktemp("proxies")))
        yield {
            name: pool.submit(graded, "proxy", proxy.command(), SEED, proxy.stages)
            for name, proxy in REAL_PROXIES.items()
        }


@pytest.mark.parametrize("proxy", REAL_PROXIES.values(), ids=lambda proxy: proxy.name)
def test_a_real_proxy_differs_only_where_it_is_known_to(
    proxy: Server, played: Played, require_tool: Require, require_module: RequireModule
) -> None:
    all_present(proxy.tools, proxy.modules, require_tool, require_module)
    result = played[proxy.name].result()
    short, listed = shortfall(result, proxy.stages), known("proxy", proxy.name)
    for time in range(AGAIN):
        surprises = short.keys() - listed.keys()
        if not surprises:
            break
        for others in played.values():
            others.exception()
        stages = {name.partition(" · ")[0] for name in surprises}
        once_more = graded("proxy", proxy.command(), SEED + 1 + time, stages)
        recovered = surprises - shortfall(once_more, stages).keys()
        short = {name: outcome for name, outcome in short.items() if name not in recovered}
    compared("proxy", proxy, result, short)
