"""The stages of the to-do service, in the order in which they are built: none asks for more than
what those before it have asked for.

`topic.toml` says under [axes] which side of the scorecard each of them counts for.
"""

from ....grade.stage import Stage
from . import away, cache, changes, create, drain, durable, lists, once, pace, reads, together
from . import validation as bodies

STAGES: tuple[Stage, ...] = (
    create.STAGE,
    bodies.STAGE,
    reads.STAGE,
    changes.CHANGE,
    changes.DELETE,
    lists.STAGE,
    lists.SEARCH,
    once.STAGE,
    durable.STAGE,
    together.STAGE,
    cache.STAGE,
    cache.TROUBLE,
    away.STAGE,
    drain.STAGE,
    pace.STAGE,
)
