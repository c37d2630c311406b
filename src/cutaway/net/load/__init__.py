"""Open-loop load: requests at their own times, whatever the server does.

    result = run(Plan.steady(1000, 10), plug, ("127.0.0.1", 8080))
    result.latency.at(99)             Moment(seconds=0.0031, at_least=False)
    result.unfinished                 0
    result.own.sentence               "" while the generator kept up

A closed-loop tool sends the next request when an answer has come. When the server stands still, so
does the tool: of two lost seconds it notes one slow request for each connection, and its percentiles
never hear of the thousands that people would have sent meanwhile. Here every request has an intended
time, fixed beforehand, and latency counts from it.

    intended   │  │  │  │  │  │  │  │  │  │          the plan
    server        ██ ██ ██ ▒▒▒▒▒▒▒▒▒▒▒▒▒▒ ██ ██ …   stands still in the middle
    open loop  short, short, short, long, less long, less long …   all of them are measured
    closed     short, short, short, one long, short …

In reading order: shape (when), plug (what), histogram and ledger (what is noted), own (is it our
own fault), dispatch (which connection), wires (sockets and the clock), generator (all of it).

Left out: protocols. A topic furnishes a plug.
"""

from .generator import Result, run
from .histogram import Latency, Moment
from .ledger import Row
from .own import Own
from .plug import Answer, Asked, Plug, Reader
from .shape import Plan, Segment

__all__ = [
    "Answer",
    "Asked",
    "Latency",
    "Moment",
    "Own",
    "Plan",
    "Plug",
    "Reader",
    "Result",
    "Row",
    "Segment",
    "run",
]
