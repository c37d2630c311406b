"""Servers that other people wrote are played through all stages of http1.

They judge the judge: a case that a widely used server fails is either a defect of that server, which
known.toml then explains, or the case asks what nobody promised. Both directions are held: a failure
that is not listed fails here with the report a learner would see, and so does a listed difference
that is no more.

Left out: topic tcp, whose contract is of our own making; solutions/ are its judges.
"""

import pytest

from cutaway.process import build
from tests.real.grading import graded, shortfall, told
from tests.real.known import known
from tests.real.servers import SERVERS, Server
from tests.toolchains import Require, RequireModule, present

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

SEED = 9110


@pytest.mark.parametrize("server", SERVERS.values(), ids=lambda server: server.name)
def test_a_real_server_differs_only_where_it_is_known_to(
    server: Server, require_tool: Require, require_module: RequireModule
) -> None:
    for tool in server.tools:
        present(tool, require_tool)
    for module in server.modules:
        require_module(module)
    command = server.command()
    build(command)
    result = graded("http1", command, SEED)

    short, listed = shortfall(result), known(server.name)
    surprises = short.keys() - listed.keys()
    assert not surprises, (
        f"{server.title} fails what known.toml does not list:\n{told(result, surprises)}"
    )
    vanished = {name for name, d in listed.items() if not d.sometimes} - short.keys()
    if vanished and not server.is_as_recorded():
        pytest.skip(f"another version than the table was made with: {', '.join(sorted(vanished))}")
    assert not vanished, f"{server.title} passes what known.toml lists: {', '.join(vanished)}"
