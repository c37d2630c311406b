"""The experiments of caches: what has to go, how much room, what a request costs, what a crash takes.

In reading order: asked (keys, others in each run), policy_race, hit_ratio_curve; engines (real servers,
by name), octets, batching, hot_keys; flushes (system calls, as strace notes them), crash.
"""

from ....lab.lab import Lab
from .batching import BATCHING
from .crash import CRASH
from .hit_ratio_curve import HIT_RATIO_CURVE
from .hot_keys import HOT_KEYS
from .policy_race import POLICY_RACE

LABS: tuple[Lab, ...] = (POLICY_RACE, HIT_RATIO_CURVE, BATCHING, HOT_KEYS, CRASH)
