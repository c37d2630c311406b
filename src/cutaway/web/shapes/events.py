"""What the page is told without asking: a kind of event, and what is told with it.

    event: lab
    data: {"lab": "tcp/one-send-many-reads", "done": 3, …}

Left out: `missed`, which is told with nothing: what the page knows may be old, and it asks again.
"""

from __future__ import annotations

from msgspec import Struct

from .checks import CheckNews
from .hunt import HuntNow
from .labs import LabRunning
from .machine import Machine, Sampled


class Told(Struct):
    """Each member is a kind of event, by its name."""

    machine: Machine
    messages: Sampled
    check: CheckNews
    lab: LabRunning
    hunt: HuntNow | None
