"""The stages of the proxy, in the order in which one is built."""

from ....grade.stage import Stage
from . import balance, fields, forward, framing, pool, routes, streaming, timeouts

STAGES: tuple[Stage, ...] = (
    forward.STAGE,
    streaming.STAGE,
    fields.STAGE,
    framing.STAGE,
    routes.STAGE,
    pool.STAGE,
    balance.STAGE,
    timeouts.STAGE,
)
