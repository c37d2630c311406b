"""Ways in which servers of HTTP/1.1 go wrong, each as a change to the reference.

    python -m cutaway.topics.planted http1 body-in-one-read
    cutaway serve http1 --fault body-in-one-read

They are taken from what people write: a read taken for a request, a length counted in characters, a
number left to `int`, a header compared letter by letter, a name checked before it is decoded, a
check and a change that are two steps. Each is caught by the stage that it names, first in the case
that it names, and passes all stages before it.

    requests.py   one request and one answer, paths, fields, the stream
    bodies.py     how long a connection lasts, bodies, chunks, what is refused
    stored.py     files, conditions, ranges, compression
    clients.py    many clients, slow clients, the end

Left out: what the specification allows, however odd, such as 100 (Continue) that nobody asked for;
and links that lose or delay. Those are the relay's.
"""

from . import bodies, clients, requests, stored

FAULTS = (*requests.FAULTS, *bodies.FAULTS, *stored.FAULTS, *clients.FAULTS)
