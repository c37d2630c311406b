"""The relay of net/relay as a program: `relay.py LISTEN UPSTREAM`, recording into 16 MiB."""

import signal
import sys

from cutaway.net.relay import Recording, Relay

listen, upstream = (("127.0.0.1", int(port)) for port in sys.argv[1:3])
with Relay(listen, upstream, recording=Recording(16 << 20)):
    signal.pause()
