"""Ways in which proxies go wrong, each as a change to the reference.

    python -m cutaway.topics.planted proxy prefix-of-characters
    cutaway serve proxy --fault prefix-of-characters

They are taken from what proxies do, some of them unless they are told otherwise: a path decoded and
written anew, a list appended to that should have begun, one failure taken for an outage, a retry
taken for free, an end of one direction taken for the end. Each is caught by the stage that it
names, first in the case that it names, and passes all stages before it.

    messages.py    one request and its answer: heads, bodies, framing
    upstreams.py   routes, the pool, balancing, timeouts
    trouble.py     health, retries, the end
    ways.py        TLS, Upgrade, tunnels, the PROXY protocol

Left out: what the specification allows, however odd, such as trailers that are dropped; and links
that lose or delay. Those are the relay's.
"""

from . import messages, trouble, upstreams, ways

FAULTS = (*messages.FAULTS, *upstreams.FAULTS, *trouble.FAULTS, *ways.FAULTS)
