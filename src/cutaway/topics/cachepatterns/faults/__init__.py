"""Ways in which programs around a cache go wrong, each as a change to the reference.

    python -m cutaway.topics.planted cachepatterns no-flight
    cutaway serve cachepatterns --fault no-flight

They are what such programs do: an empty value taken for none, the cache told before the origin, a
debt kept in memory, a thousand readers sent at once, an answer that came late taken for another. Each
is caught by the stage that it names, first in the case that it names, and passes the stages before.

    entries.py      what is stored, remembered, written through and removed
    background.py   writes that come later, refreshes, stampedes
    trouble.py      the race, and a cache that is gone, slow or lying

Left out: what the contract leaves open, such as who waits for an early refresh.
"""

from . import background, entries, trouble

FAULTS = (*entries.FAULTS, *background.FAULTS, *trouble.FAULTS)
