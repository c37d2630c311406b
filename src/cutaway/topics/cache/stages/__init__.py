"""The stages of the cache, in the order in which a server is built."""

from ....grade.stage import Stage
from . import (
    counters,
    expiry,
    hashes,
    hello,
    keys,
    lists,
    many_clients,
    ping,
    sets,
    sorted_sets,
    stream,
    strings,
)

STAGES: tuple[Stage, ...] = (
    ping.STAGE,
    stream.STAGE,
    strings.STAGE,
    counters.STAGE,
    expiry.STAGE,
    many_clients.STAGE,
    hello.STAGE,
    keys.STAGE,
    lists.STAGE,
    hashes.STAGE,
    sets.STAGE,
    sorted_sets.STAGE,
)
