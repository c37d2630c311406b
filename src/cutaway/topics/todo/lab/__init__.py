"""The experiments of the to-do service: what a request costs, and what the order of layers does.

In reading order: round_trips (the reference, its store and its cache, far away), layers (what stands
around a handler), chain_order.
"""

from ....lab.lab import Lab
from .chain_order import CHAIN_ORDER
from .round_trips import ROUND_TRIPS

LABS: tuple[Lab, ...] = (ROUND_TRIPS, CHAIN_ORDER)
