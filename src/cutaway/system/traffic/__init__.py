"""What moves the machine: people with to-do lists, as many as the knob says.

    traffic = Traffic(Where("127.0.0.1", 8443, tls=Tls(ca, keys)))
    traffic.start(); traffic.set(rate=50)
    traffic.look()                       Picture: sent, answered, failed, explained, latency, journeys
    traffic.verify()                     what was acknowledged and is not there, or is there again

A process of its own, so that nothing in it waits for who looks. It is open-loop: requests have their
moments by the rate, whatever the machine does, and latency counts from those.

In reading order: todo.toml and journeys (what people do), ledger (what they were told), people (who
acts next, and whether the answer is right), asking (octets), lines (connections), moments and alarm
(when), child (all of that, in its process), keeper (the side of who started it).
"""

from .keeper import Judged, Picture, Row, Traffic, Verified
from .lines import Tls, Where

__all__ = ["Judged", "Picture", "Row", "Tls", "Traffic", "Verified", "Where"]
