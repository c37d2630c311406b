"""The stages of the proxy, in the order in which one is built."""

from ....grade.stage import Stage
from . import forward

STAGES: tuple[Stage, ...] = (forward.STAGE,)
