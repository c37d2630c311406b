"""Events reach every page, in order, again after a break; and no page can stall another."""

import asyncio
import json

import pytest

from cutaway.web.events import KEPT, PAGES, Hub, TooMany


def run(story):
    """A story told to a hub in an event loop."""

    async def told():
        hub = Hub()
        hub.open()
        return await asyncio.wait_for(story(hub), 20)

    return asyncio.run(told())


async def read(stream, count):
    """So many events: (id, kind, data)."""
    events = []
    async for piece in stream:
        for block in piece.decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "event" in lines:
                events.append((int(lines["id"]), lines["event"], json.loads(lines["data"])))
        if len(events) >= count:
            return events
    return events


def test_what_is_told_comes_in_order():
    async def story(hub):
        stream = hub.stream(None)
        reading = asyncio.create_task(read(stream, 3))
        await asyncio.sleep(0.01)
        for number in range(3):
            hub.tell("count", {"n": number})
        return await reading

    assert run(story) == [(n + 1, "count", {"n": n}) for n in range(3)]


def test_a_page_that_comes_back_gets_what_it_missed():
    async def story(hub):
        for number in range(5):
            hub.tell("count", number)
        await asyncio.sleep(0)
        return await read(hub.stream(3), 2)

    assert run(story) == [(4, "count", 3), (5, "count", 4)]


def test_one_that_was_away_for_too_long_is_told_so():
    async def story(hub):
        for number in range(KEPT + 10):
            hub.tell("count", number)
        await asyncio.sleep(0)
        stream = hub.stream(3)
        first = await read(stream, 1)
        hub.tell("count", "new")
        return first + await read(stream, 1)

    assert run(story) == [(KEPT + 10, "missed", {}), (KEPT + 11, "count", "new")]


def test_an_id_from_another_run_begins_now():
    async def story(hub):
        hub.tell("count", 1)
        await asyncio.sleep(0)
        stream = hub.stream(900)
        reading = asyncio.create_task(read(stream, 1))
        await asyncio.sleep(0.01)
        hub.tell("count", 2)
        return await reading

    assert run(story) == [(2, "count", 2)]


def test_a_page_that_does_not_read_costs_nobody_anything():
    async def story(hub):
        slow = hub.stream(None)
        await anext(slow)
        fast = hub.stream(None)
        reading = asyncio.create_task(read(fast, 3 * KEPT))
        for number in range(3 * KEPT):
            hub.tell("count", number)
            if number % 100 == 0:
                await asyncio.sleep(0)
        events = await reading
        assert [data for _, _, data in events] == list(range(3 * KEPT))
        return await read(slow, 1)

    assert run(story) == [(3 * KEPT, "missed", {})]


def test_there_are_so_many_pages_and_no_more():
    async def story(hub):
        streams = [hub.stream(None) for _ in range(PAGES)]
        for stream in streams:
            await anext(stream)
        with pytest.raises(TooMany):
            await anext(hub.stream(None))
        await streams[0].aclose()
        await anext(hub.stream(None))
        assert hub.pages == PAGES
        return True

    assert run(story)


def test_an_octet_of_a_wire_cannot_end_an_event():
    async def story(hub):
        reading = asyncio.create_task(read(hub.stream(None), 1))
        await asyncio.sleep(0.01)
        hub.tell("message", {"says": "a\n\nevent: evil\ndata: x\r\n\r\n"})
        return await reading

    assert run(story) == [(1, "message", {"says": "a\n\nevent: evil\ndata: x\r\n\r\n"})]


def test_streams_end_with_the_hub():
    async def story(hub):
        reading = asyncio.create_task(read(hub.stream(None), 1))
        await asyncio.sleep(0.01)
        hub.close()
        return await reading

    assert run(story) == []
