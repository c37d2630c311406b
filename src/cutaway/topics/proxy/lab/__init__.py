"""The experiments of proxies: one slow server in ten, and a storm of retries.

In reading order: asking (requests that carry their work), workers (upstreams with a queue), octets
(one exchange looked at), together (all ways at once), slow_one, retry_storm.
"""

from ....lab.lab import Lab
from .retry_storm import RETRY_STORM
from .slow_one import SLOW_ONE

LABS: tuple[Lab, ...] = (SLOW_ONE, RETRY_STORM)
