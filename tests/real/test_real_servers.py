"""Servers that other people wrote are played through all stages of http1.

They judge the judge: a case that a widely used server fails is either a defect of that server, which
the table of known differences then explains, or the case asks what nobody promised. Both directions are held: a failure
that is not listed fails here with the report a learner would see, and so does a listed difference
that is no more.

Left out: topic tcp, whose contract is of our own making; solutions/ are its judges. Proxies: see
test_real_proxies.py.
"""

import pytest

from cutaway.process import build
from tests.real.grading import graded, shortfall
from tests.real.known import compared
from tests.real.servers import SERVERS, Server
from tests.toolchains import Require, RequireModule, all_present

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

SEED = 9110


@pytest.mark.parametrize("server", SERVERS.values(), ids=lambda server: server.name)
def test_a_real_server_differs_only_where_it_is_known_to(
    server: Server, require_tool: Require, require_module: RequireModule
) -> None:
    all_present(server.tools, server.modules, require_tool, require_module)
    command = server.command()
    build(command)
    result = graded("http1", command, SEED)
    compared("http1", server, result, shortfall(result))
