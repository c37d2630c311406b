"""Write-behind where the stages hardly look: one failure behind another.

The cache is a script here: what it is asked is kept, and it can be away.

Left out: what is owed and paid while all is well. The stages have that.
"""

import asyncio

import pytest

from cutaway.net.settings import Address
from cutaway.topics.cache.codec import Array, Bulk, Integer, Null, Simple, Value
from cutaway.topics.cachepatterns.behind import WriteBehind
from cutaway.topics.cachepatterns.codec import Entry
from cutaway.topics.cachepatterns.link import Away, Link, Words
from cutaway.topics.cachepatterns.origin import Origin
from cutaway.topics.cachepatterns.settings import Settings
from cutaway.topics.cachepatterns.store import Store

NOWHERE = Address("127.0.0.1", 1)
SETTINGS = Settings(origin=NOWHERE, cache=NOWHERE, behind=60_000)
NAME = b"write-behind:k1"
ENTRY = Entry(NAME, 200, b"v1", 0)


class Scripted(Link):
    """says: command → its answer; everything else is answered with OK."""

    def __init__(self, **says: Value) -> None:
        super().__init__(NOWHERE, 1.0, 1.0)
        self.says = says | {"EXEC": Array((Simple(b"OK"), Integer(1)))}
        self.away = False
        self.asked: list[bytes] = []

    async def ask(self, *commands: Words) -> list[Value]:
        if self.away:
            raise Away
        names = [words[0] for words in commands]
        self.asked += names
        return [self.says.get(name.decode(), Simple(b"OK")) for name in names]


class Taking(Origin):
    """It takes whatever it is told."""

    async def store(self, key: bytes, value: bytes) -> None:
        pass


def program(link: Link) -> WriteBehind:
    return WriteBehind(SETTINGS, Store(link), Taking(NOWHERE))


def test_a_removal_that_is_made_up_does_not_take_a_later_debt_with_it() -> None:
    async def told() -> tuple[list[int], list[bytes]]:
        link = Scripted(GET=Null())
        behind = program(link)
        link.away = True
        statuses = [(await behind.put(b"k1", b"v1")).status]
        link.away = False
        statuses.append((await behind.put(b"k1", b"v2")).status)
        statuses.append((await behind.get(b"k1")).status)
        behind.working[b"k1"].cancel()
        return statuses, link.asked

    statuses, asked = asyncio.run(told())
    assert statuses == [204, 202, 200]
    assert asked == [b"DEL", b"MULTI", b"SET", b"SADD", b"EXEC", b"GET"]


@pytest.mark.parametrize(("left", "owed"), [(-1, {b"k1": ENTRY}), (5000, {}), (-2, {})])
def test_after_a_start_a_note_counts_beside_an_entry_that_does_not_run_out(
    left: int, owed: dict[bytes, Entry]
) -> None:
    async def taken_up() -> dict[bytes, Entry]:
        found = Bulk(bytes(ENTRY)) if left != -2 else Null()
        noted = Array((Bulk(b"k1"),))
        behind = program(Scripted(SMEMBERS=noted, GET=found, PTTL=Integer(left)))
        await behind.recover()
        taken = dict(behind.owed)
        for task in behind.working.values():
            task.cancel()
        return taken

    assert asyncio.run(taken_up()) == owed


def test_a_program_that_is_to_end_does_not_wait_for_a_cache_that_is_away() -> None:
    async def left_over() -> dict[bytes, Entry]:
        link = Scripted()
        behind = program(link)
        await behind.put(b"k1", b"v1")
        link.away = True
        await asyncio.wait_for(behind.drain(), 10.0)
        return behind.owed

    assert asyncio.run(left_over()) == {}
