"""The experiments of cache patterns: what happens when a popular key runs out.

In reading order: expiring (a key, its readers and four ways, simulated), stampede; slow_origin, live
(the same with programs that run).
"""

from ....lab.lab import Lab
from .live import LIVE
from .stampede import STAMPEDE

LABS: tuple[Lab, ...] = (STAMPEDE, LIVE)
