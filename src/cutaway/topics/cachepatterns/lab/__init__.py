"""The experiment of cache patterns: what happens when a popular key runs out.

In reading order: expiring (a key, its readers and four ways, simulated), stampede.
"""

from ....lab.lab import Lab
from .stampede import STAMPEDE

LABS: tuple[Lab, ...] = (STAMPEDE,)
