"""The stages of the proxy, in the order in which one is built."""

from ....grade.stage import Stage
from . import fields, forward, framing, streaming

STAGES: tuple[Stage, ...] = (forward.STAGE, streaming.STAGE, fields.STAGE, framing.STAGE)
