"""`cutaway topics`: what can be built, and how far each topic is.

    networks
      tcp      3 of 11   TCP: a stream of bytes, and where messages come from
    protocols
      http1    0 of 12   HTTP/1.1: requests and answers … · builds on tcp

A group stands where the last of its topics would: behind all that they build on.

A topic that was worked at in several folders counts as the best of them.

Left out: what is planned. See the floor plan in topics/README.md.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from ..workshop import catalog
from ..workshop.catalog import Topic
from ..workshop.errors import Trouble
from ..workshop.learning import most_passed
from ..workshop.progress import Progress, home
from .screen import look
from .trouble import say


def run(options: Namespace) -> int:
    known, out = catalog.topics(), look()
    with Progress.open(home(), say) as progress:
        passed = most_passed(progress)
    width = max(map(len, known), default=0)
    group = None
    for topic in grouped(list(known.values())):
        if topic.group != group:
            group = topic.group
            print(out.paint(group, "bold"))
        stages = _stages(topic.slug)
        count = f"{passed.get(topic.slug, 0):>2} of {stages:>2}" if stages else f"{'–':>8}"
        on = f" · builds on {', '.join(topic.builds_on)}" if topic.builds_on else ""
        first, *more = out.wrapped(topic.title + on, width + 16)
        print(f"  {topic.slug:<{width}}   {count}   {first}")
        for line in more:
            print(" " * (width + 16) + line)
    print(out.paint("\ncutaway start TOPIC --lang LANG · cutaway lesson TOPIC", "dim"))
    return 0


def grouped(topics: Sequence[Topic]) -> list[Topic]:
    """The same, with each group together; within a group the order stays."""
    last = {topic.group: place for place, topic in enumerate(topics)}
    return sorted(topics, key=lambda topic: last[topic.group])


def _stages(slug: str) -> int:
    try:
        return len(catalog.stages(slug))
    except Trouble:
        return 0
