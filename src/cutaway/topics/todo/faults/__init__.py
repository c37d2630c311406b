"""Ways in which services like this one go wrong, each as a change to the reference.

    python -m cutaway.topics.planted todo no-guard
    cutaway serve todo --fault no-guard

They are what such programs do: an error that names only the first mistake, pages that are counted, a
guard that looks and then writes, a key in the program's memory, an entry from before the write, a
wait without a limit. Each is caught by the stage that it names, first in the case that it names.

    requests.py   what comes in and goes out
    data.py       lists, changes, once only, what is kept
    trouble.py    the cache, the store, and the end

Left out: what the contract leaves open, such as how a to-do is kept.
"""

from . import data, requests, trouble

FAULTS = (*requests.FAULTS, *data.FAULTS, *trouble.FAULTS)
