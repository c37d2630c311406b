"""Faults of programs whose cache or store is not as it should be, and of their end.

    GET ─▶ store: old ··· PUT ─▶ store, cache ··· ─▶ cache: old       for a minute

Left out: what no client can see.
"""

from __future__ import annotations

from ...planted import Change, Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "never-cached",
        "Nothing is put into the cache.",
        "todo/cache",
        (
            Change(
                "cached.py", "        if kept is None:\n            return\n", "        return\n"
            ),
        ),
        "the second read does not ask the store",
    ),
    Fault(
        "fill-unwatched",
        "What was read from the store is stored, whatever was written meanwhile.",
        "todo/cache",
        (Change("cached.py", '((b"WATCH", name_of(ident)))', '((b"PING",))'),),
        "what was read before a write is not stored behind it",
    ),
    Fault(
        "delete-wakes-nobody",
        "A write removes the entry; where none stands, a reader's watch does not see it.",
        "todo/cache",
        (
            Change(
                "cached.py",
                '(b"SET", name_of(ident), *CHANGED))\n        except',
                '(b"DEL", name_of(ident)))\n        except',
            ),
        ),
        "what was read before a write is not stored behind it",
    ),
    Fault(
        "no-lifetime",
        "Entries stay for ever.",
        "todo/cache",
        (Change("cached.py", ', b"PX", b"%d" % self.ttl_ms)', ")"),),
        "an entry lives for TTL_MS at the most",
    ),
    Fault(
        "cache-is-needed",
        "A cache that cannot be reached is an error.",
        "todo/cache-trouble",
        (
            Change(
                "cached.py",
                "            self.failed()\n            return await self.repository.get(ident)\n",
                "            raise Away from None\n",
            ),
        ),
        "a cache that refuses is no error",
    ),
    Fault(
        "cache-is-believed",
        "Whatever stands in the cache is taken for a to-do, if it can be read.",
        "todo/cache-trouble",
        (
            Change(
                "codec.py",
                '    whose = kept.body.startswith(b\'{"id": "%s", \' % ident.encode())\n',
                "    whose = True\n",
            ),
        ),
        "nor is another to-do",
    ),
    Fault(
        "checksum-not-looked-at",
        "An entry of which octets have changed is taken as it is.",
        "todo/cache-trouble",
        (Change("codec.py", "if zlib.crc32(body) != int(checksum, 16):", "if False:"),),
        "entries of every kind that are no to-do are not believed",
    ),
    Fault(
        "no-retry-after",
        "503 does not say when to come again.",
        "todo/store-trouble",
        (Change("problems.py", ", RETRY_AFTER)", ")"),),
        "a store that refuses: 503 for whatever needs it",
    ),
    Fault(
        "health-is-always-well",
        "Health is 200, whatever the store does.",
        "todo/store-trouble",
        (Change("handlers.py", "        await self.service.health()\n", ""),),
        "a store that refuses: 503 for whatever needs it",
    ),
    Fault(
        "late-answer-taken",
        "A connection on which an answer is owed goes on to be used, and the owed one is taken.",
        "todo/store-trouble",
        (
            Change(
                "link.py",
                "    if wire is not None:\n        wire.close()\n",
                "    if wire is not None and wire.asked:\n        wire.asked.popleft()\n",
            ),
        ),
        "an answer that comes late is nobody else's",
    ),
    Fault(
        "cut-costs-an-answer",
        "A connection that has ended is not noticed, and the next question is lost with it.",
        "todo/store-trouble",
        (
            Change(
                "link.py",
                "        while self.idle:\n            wire = self.idle.pop()\n            if not wire.closed:\n                return wire\n",
                "        if self.idle:\n            return self.idle.pop()\n",
            ),
        ),
        "a connection that was cut while it was idle costs nobody an answer",
    ),
    Fault(
        "waits-in-a-row",
        "Each who creates waits anew for the store once it is their turn.",
        "todo/store-trouble",
        (
            Change(
                "repository.py",
                "async with self.in_time(), self.adding:",
                "async with self.adding, self.in_time():",
            ),
        ),
        "a hundred who wait do not wait for each other",
    ),
    Fault(
        "ends-at-once",
        "SIGTERM ends what is under way.",
        "todo/drain",
        (
            Change(
                "connection.py",
                "        if self.working is not None:\n            return\n        if not self.feed.pending",
                "        if True or not self.feed.pending",
            ),
        ),
        "a creation that has begun is answered, and kept",
    ),
    Fault(
        "waits-for-idle-clients",
        "After SIGTERM idle connections stay open, and the program waits for them.",
        "todo/drain",
        (
            Change(
                "connection.py",
                "        if not self.feed.pending:\n            self.transport.close()\n        else:\n            asyncio",
                "        if self.feed.pending:\n            asyncio",
            ),
        ),
        "idle connections are closed",
    ),
    Fault(
        "sleeps-on-every-read",
        "Each read waits a tenth of a second before anybody is asked.",
        "todo/pace",
        (
            Change(
                "cached.py",
                "        link = self.link\n",
                "        await asyncio.sleep(0.1)\n        link = self.link\n",
            ),
        ),
        "reads from the cache keep pace with the reference",
    ),
)
