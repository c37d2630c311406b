"""A relay between two programs: it carries octets, records them, and misbehaves as links do.

In reading order: link, recording, loop, lane, connection, relay; then udp for datagrams, orders and
script for changes, pcap and replay for files, apart and many for a process of their own.
"""

from .link import CLEAR, BadLink, Link
from .loop import Loop
from .recording import TO_CLIENT, TO_SERVER, Dropped, Event, Recording, Way
from .relay import CannotListen, Counts, Links, Relay
from .udp import UdpRelay, Weather

__all__ = [
    "CLEAR",
    "TO_CLIENT",
    "TO_SERVER",
    "BadLink",
    "CannotListen",
    "Counts",
    "Dropped",
    "Event",
    "Link",
    "Links",
    "Loop",
    "Recording",
    "Relay",
    "UdpRelay",
    "Way",
    "Weather",
]
