"""The stages of the proxy, in the order in which one is built."""

from ....grade.stage import Stage
from . import (
    balance,
    drain,
    fields,
    forward,
    framing,
    health,
    pool,
    retries,
    routes,
    strangers,
    streaming,
    timeouts,
    tls,
    tunnel,
    upgrade,
)

STAGES: tuple[Stage, ...] = (
    forward.STAGE,
    streaming.STAGE,
    fields.STAGE,
    framing.STAGE,
    routes.STAGE,
    pool.STAGE,
    balance.STAGE,
    timeouts.STAGE,
    health.STAGE,
    retries.STAGE,
    drain.STAGE,
    tls.STAGE,
    upgrade.STAGE,
    tunnel.STAGE,
    strangers.STAGE,
)
