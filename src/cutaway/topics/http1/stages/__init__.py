"""The stages of HTTP/1.1, in the order in which a server is built."""

from ....grade.stage import Stage
from . import (
    bodies,
    chunked,
    compression,
    conditional,
    drain,
    expect_continue,
    files,
    first_response,
    headers,
    keep_alive,
    many_clients,
    paths,
    ranges,
    refusals,
    slow_clients,
    stream,
)

STAGES: tuple[Stage, ...] = (
    first_response.STAGE,
    paths.STAGE,
    headers.STAGE,
    stream.STAGE,
    keep_alive.STAGE,
    bodies.STAGE,
    chunked.STAGE,
    expect_continue.STAGE,
    refusals.STAGE,
    files.STAGE,
    conditional.STAGE,
    ranges.STAGE,
    compression.STAGE,
    many_clients.STAGE,
    slow_clients.STAGE,
    drain.STAGE,
)
