"""Ways in which caches go wrong, each as a change to the reference.

    python -m cutaway.topics.planted cache empty-is-nothing
    cutaway serve cache --fault empty-is-nothing

They are taken from what people write in many languages: a read taken for a command, a length counted
in characters, a number left to `int`, nothing and an empty text taken for one another, an end that one
command sees and another does not, an answer ahead of the flush. Each is caught by the stage that it
names, first in the case that it names, and passes all stages before it.

    commands.py   one command and its reply, the stream, what real clients ask
    values.py     strings, numbers, lifetimes, the keyspace
    kinds.py      lists, hashes, sets, sorted sets
    clients.py    many clients, transactions, messages, those who mean harm
    keeping.py    memory, which key goes, what survives, the end

Left out: what the documentation allows, however odd, such as another order of members; and links that
lose or delay. Those are the relay's.
"""

from . import clients, commands, keeping, kinds, values

FAULTS = (*commands.FAULTS, *values.FAULTS, *kinds.FAULTS, *clients.FAULTS, *keeping.FAULTS)
