"""The experiments of TCP: a stall that is in nobody's code, a queue that says nothing, boundaries.

In reading order: pair (a connection over loopback), nagle, queue, boundaries.
"""

from ....lab.lab import Lab
from .boundaries import BOUNDARIES
from .nagle import NAGLE
from .queue import QUEUE

LABS: tuple[Lab, ...] = (BOUNDARIES, NAGLE, QUEUE)
