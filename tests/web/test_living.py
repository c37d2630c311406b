"""The picture of the machine goes on, whatever becomes of one of them."""

import asyncio
from types import SimpleNamespace

from cutaway.web import machine, told
from cutaway.web.machine import MachineArea


def test_a_picture_that_cannot_be_made_is_not_the_last(monkeypatch):
    monkeypatch.setattr(machine, "PICTURE", 0.0)
    monkeypatch.setattr(told, "picture", lambda of: next(made)())
    made = iter([lambda: "first", lambda: {}["gone"], lambda: "third"])
    assert asyncio.run(pictures(2)) == ["first", "third"]


async def pictures(count):
    heard, enough = [], asyncio.Event()

    def tell(kind, what):
        heard.append(what)
        if len(heard) == count:
            enough.set()

    hub = SimpleNamespace(pages=1, tell=tell)
    area = MachineArea(SimpleNamespace(machine=SimpleNamespace(news=[]), hub=hub))
    living = asyncio.create_task(area.live())
    await asyncio.wait_for(enough.wait(), 10)
    living.cancel()
    return heard[:count]
