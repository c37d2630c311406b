"""Faults of the last stages: the race, and a cache that is gone, slow or lying.

    GET k1 ·· no answer in time ·· GET k2 → the answer about k1

Left out: a cache that is well. See entries.py.
"""

from __future__ import annotations

from ...planted import Change, Fault

CLOSES = "            self.failed()\n            if connection is not None:\n                connection.close()\n"

FAULTS: tuple[Fault, ...] = (
    # The race.
    Fault(
        "stored-behind-the-write",
        "What the origin said before a write is stored behind it.",
        "cachepatterns/race",
        (
            Change(
                "store.py",
                "                if found != Bulk(bytes(held)):\n",
                "                if False:\n",
            ),
            Change(
                "store.py",
                '_, found = await say((b"WATCH", name), (b"GET", name))',
                'await say((b"ECHO", name))',
            ),
        ),
        "what was asked for before a write is not stored behind it",
    ),
    Fault(
        "versions-in-memory",
        "Only writes through this program keep an older answer out, not those of others.",
        "cachepatterns/race",
        (
            Change(
                "patterns.py",
                "                await self.store.exchange(lease, *keeps)\n",
                '                if getattr(self, "written", {}).get(key, 0) < lease.born:\n'
                "                    await self.store.link.ask(keeps)\n",
            ),
            Change(
                "patterns.py",
                "    async def forget(self, key: bytes) -> None:\n",
                "    async def forget(self, key: bytes) -> None:\n"
                '        self.__dict__.setdefault("written", {})[key] = clock() + 1\n',
            ),
            Change(
                "server.py",
                "        await self.store.remove(*[pattern.entry_of(key) for pattern in self.derived])\n",
                "        for pattern in self.derived:\n            await pattern.forget(key)\n",
            ),
        ),
        "nor when another program has removed the entry",
    ),
    Fault(
        "anything-is-a-lease",
        "Whatever stands in the entry is taken for one's own lease, the newer value as well.",
        "cachepatterns/race",
        (
            Change(
                "store.py",
                "                if found != Bulk(bytes(held)):\n",
                "                if found == Bulk(None):\n",
            ),
        ),
        "an older answer does not take the place of a newer one",
    ),
    Fault(
        "a-lease-is-an-answer",
        "Who finds the lease of another reader answers with it.",
        "cachepatterns/race",
        (
            Change(
                "patterns.py",
                "            held = await self.fill(key, None)\n",
                "            return Answer(200, held.value)\n",
            ),
        ),
        "what keeps old answers out is never an answer",
    ),
    # Without the cache.
    Fault(
        "cache-needed",
        "A cache that cannot be asked is an error to the client.",
        "cachepatterns/cache-down",
        (
            Change(
                "store.py",
                '            [found] = await self.link.ask((b"GET", name))\n        except Away:\n            return None\n',
                '            [found] = await self.link.ask((b"GET", name))\n        except Away:\n            raise Failing from None\n',
            ),
            Change(
                "store.py",
                "from .link import Away, Link, Words\n",
                "from .link import Away, Link, Words\nfrom .origin import Failing\n",
            ),
        ),
        "a cache that refuses is no error to the client",
    ),
    Fault(
        "dead-connections-kept",
        "A kept connection is used again and again, though it ended long ago.",
        "cachepatterns/cache-down",
        (
            Change(
                "link.py",
                CLOSES,
                "            if connection is not None:\n                self.idle.append(connection)\n",
            ),
        ),
        "when the cache is back it is used",
    ),
    Fault(
        "written-through-in-vain",
        "What could not be written through leaves the older entry, and nobody removes it later.",
        "cachepatterns/cache-down",
        (
            Change(
                "patterns.py",
                "            await self.forget(key)\n        return Answer(204)\n",
                "            pass\n        return Answer(204)\n",
            ),
        ),
        "nor what was written through, or invalidated",
    ),
    Fault(
        "never-asked-again",
        "After three failures the cache is never asked again.",
        "cachepatterns/cache-down",
        (Change("link.py", ".time() + self.pause\n", ".time() + 1000 * self.pause\n"),),
        "when the cache is back it is used",
    ),
    Fault(
        "removal-forgotten",
        "A removal that the cache did not take is forgotten, and the old value comes back with it.",
        "cachepatterns/cache-down",
        (Change("store.py", "            self.owes.update(names)\n", "            pass\n"),),
        "what was written meanwhile is not old when it is back",
    ),
    Fault(
        "debt-without-a-note",
        "Without the cache a write is acknowledged as owed, and is noted nowhere.",
        "cachepatterns/cache-down",
        (
            Change(
                "behind.py",
                "            except Away:\n                noted = False\n",
                "            except Away:\n                noted = True\n",
            ),
        ),
        "a debt that cannot be noted is paid at once, or refused",
    ),
    Fault(
        "refused-as-a-failure",
        "A write that neither the cache nor the origin takes is answered with 502, and not with 503.",
        "cachepatterns/cache-down",
        (
            Change(
                "behind.py",
                "        except Failing:\n            return Answer(503)\n",
                "        except Failing:\n            raise\n",
            ),
        ),
        "a debt that cannot be noted is paid at once, or refused",
    ),
    Fault(
        "debt-behind-a-newer-write",
        "A write goes to the origin while the cache is away, and then what was owed before it.",
        "cachepatterns/cache-down",
        (
            Change(
                "behind.py",
                "        if key in self.owed:\n            return",
                "        if False:\n            return",
            ),
        ),
        "a debt is not sent behind a newer write",
    ),
    Fault(
        "paid-in-vain",
        "What is paid while the cache is away stays noted there, and is sent again after a new start.",
        "cachepatterns/cache-down",
        (
            Change(
                "behind.py",
                "                    if not self.hurry.is_set():\n",
                "                    if False:\n",
            ),
        ),
        "what is paid while the cache is away is owed no more when it is back",
    ),
    # A slow cache.
    Fault(
        "no-limit-of-time",
        "The cache is waited for as long as it takes.",
        "cachepatterns/cache-slow",
        (Change("link.py", "asyncio.timeout(self.patience)", "asyncio.timeout(None)"),),
        "a silent cache is waited for, and then the origin is asked",
    ),
    Fault(
        "no-breaker",
        "Each request waits for the silent cache anew.",
        "cachepatterns/cache-slow",
        (Change("link.py", "        if self.failures >= FAILURES:\n", "        if False:\n"),),
        "twelve requests do not wait twelve times",
    ),
    Fault(
        "breaks-at-once",
        "The first failure of the cache is enough to leave it alone.",
        "cachepatterns/cache-slow",
        (Change("link.py", "FAILURES = 3 ", "FAILURES = 1 "),),
        "a failure now and then leaves the cache in use",
    ),
    Fault(
        "counts-what-was-made-good",
        "Failures are counted for ever, also those behind which the cache has answered well.",
        "cachepatterns/cache-slow",
        (Change("link.py", "        self.failures = 0\n        self.keep", "        self.keep"),),
        "a failure now and then leaves the cache in use",
    ),
    Fault(
        "late-answer-taken",
        "A connection on which an answer is still owed is used for the next question.",
        "cachepatterns/cache-slow",
        (
            Change(
                "link.py",
                CLOSES,
                "            self.failed()\n"
                "            reader = connection and connection.reader\n"
                "            if reader and not reader.at_eof() and reader.exception() is None:\n"
                "                self.idle.append(connection)\n",
            ),
            Change(
                "link.py",
                "        answers: list[Value] = []\n",
                '        answers: list[Value] = self.__dict__.pop("late", [])\n',
            ),
            Change(
                "link.py",
                "        return answers\n",
                "        self.late = answers[len(commands) :]\n        return answers[: len(commands)]\n",
            ),
            Change("codec.py", "entry if entry.key == key and", "entry if"),
        ),
        "an answer that comes late is not the answer to another question",
    ),
    # A cache that lies.
    Fault(
        "wrong-kind-crashes",
        "An entry that is no string is more than the program can take.",
        "cachepatterns/cache-lying",
        (
            Change(
                "store.py",
                "        return believed(found.data, name) if isinstance(found, Bulk) else None\n",
                "        return believed(found.data, name)\n",
            ),
        ),
        "an entry of another kind is a miss, and is repaired",
    ),
    Fault(
        "garbage-crashes",
        "Octets that are no entry are more than the program can take.",
        "cachepatterns/cache-lying",
        (
            Change(
                "codec.py",
                "    except WireError:\n        return None\n",
                "    except WireError:\n        raise\n",
            ),
        ),
        "garbage is a miss, and is repaired",
    ),
    Fault(
        "end-not-looked-at",
        "What stands behind an entry is not looked at.",
        "cachepatterns/cache-lying",
        (Change("codec.py", " and r.pos == len(octets) else None", " else None"),),
        "one with an octet more is none",
    ),
    Fault(
        "no-checksum",
        "Whether the octets are those that were written is not looked at.",
        "cachepatterns/cache-lying",
        (
            Change(
                "codec.py", "    if checksum != zlib.crc32(r.data[start:end]):\n", "    if False:\n"
            ),
        ),
        "one of which a bit has changed is none",
    ),
    Fault(
        "whoever-it-belongs-to",
        "An entry of another key is answered under this one.",
        "cachepatterns/cache-lying",
        (Change("codec.py", "entry if entry.key == key and", "entry if"),),
        "the entry of another key is none",
    ),
    Fault(
        "whatever-the-pattern",
        "An entry that another pattern has stored for the same key is answered.",
        "cachepatterns/cache-lying",
        (
            Change(
                "codec.py",
                "entry if entry.key == key and",
                'entry if entry.key.rpartition(b":")[2] == key.rpartition(b":")[2] and',
            ),
        ),
        "nor is that of another pattern",
    ),
)
