"""The experiments of caches: what has to go, how much room, what a request costs, what a crash takes.

In reading order: asked (keys, another trace in each run), policy_race, hit_ratio_curve; engines (real
servers, by name), batching, hot_keys, crash.
"""

from ....lab.lab import Lab
from .hit_ratio_curve import HIT_RATIO_CURVE
from .policy_race import POLICY_RACE

LABS: tuple[Lab, ...] = (POLICY_RACE, HIT_RATIO_CURVE)
