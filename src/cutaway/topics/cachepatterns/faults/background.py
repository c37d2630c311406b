"""Faults of what goes on when the answer has left, and of keys that many want.

    PUT → 202 ·· SIGKILL ·· a new start: what was owed?

Left out: a cache in trouble. See trouble.py.
"""

from __future__ import annotations

from ...planted import Change, Fault

FAULTS: tuple[Fault, ...] = (
    # Write-behind.
    Fault(
        "waits-for-the-origin",
        "A write is acknowledged only when the origin has it.",
        "cachepatterns/write-behind",
        (
            Change(
                "behind.py",
                "        return Answer(202)\n",
                "        await self.origin.store(key, value)\n        return Answer(202)\n",
            ),
        ),
        "a write is acknowledged before the origin has it",
    ),
    Fault(
        "every-write-sent",
        "Each write goes to the origin by itself, also while one for the same key is under way.",
        "cachepatterns/write-behind",
        (
            Change(
                "behind.py",
                "            if key not in self.working:\n                self.work(key, self.settings.behind / 1000)\n",
                "            asyncio.ensure_future(self.origin.store(key, value))\n",
            ),
        ),
        "what comes while a write is under way becomes one more write",
    ),
    Fault(
        "failed-and-forgotten",
        "A write that the origin does not take is tried once, and then forgotten.",
        "cachepatterns/write-behind",
        (
            Change(
                "behind.py",
                "                await asyncio.sleep(RETRY)\n                continue\n",
                "                del self.owed[key]\n                continue\n",
            ),
        ),
        "a write that fails is tried again",
    ),
    Fault(
        "older-value-tried-again",
        "A write that failed is tried again with its own value, though there is a newer one.",
        "cachepatterns/write-behind",
        (
            Change(
                "behind.py",
                "                await asyncio.sleep(RETRY)\n                continue\n",
                "                await asyncio.sleep(RETRY)\n                self.owed[key] = entry\n                continue\n",
            ),
        ),
        "and a newer value takes its place",
    ),
    Fault(
        "owed-and-invalidated",
        "An invalidation takes away entries whose value the origin does not have yet.",
        "cachepatterns/write-behind",
        (
            Change(
                "server.py",
                "for pattern in self.derived])",
                "for pattern in (*self.derived, self.behind)])",
            ),
            Change(
                "behind.py", "        if entry is None and key in self.owed:", "        if False:"
            ),
        ),
        "an invalidation leaves what is owed",
    ),
    Fault(
        "late-read-wins",
        "A reader that asked the origin before a write stores what it was told over what was written.",
        "cachepatterns/write-behind",
        (Change("behind.py", ', self.settings.ttl, b"NX")', ", self.settings.ttl)"),),
        "a read that was under way does not replace what was written",
    ),
    Fault(
        "owed-and-run-out",
        "An entry runs out while the origin does not have its value yet, and the old one is read.",
        "cachepatterns/write-behind",
        (
            Change(
                "behind.py",
                '(b"SET", name, bytes(entry)), (b"SADD", OWED, key)',
                '(b"SET", name, bytes(entry), b"PX", b"%d" % self.settings.ttl), (b"SADD", OWED, key)',
            ),
            Change(
                "behind.py", "        if entry is None and key in self.owed:", "        if False:"
            ),
        ),
        "an entry does not run out while it is owed",
    ),
    Fault(
        "ends-owing",
        "After SIGTERM the program ends at once, whatever it owes.",
        "cachepatterns/write-behind",
        (Change("server.py", "        await self.behind.drain()\n", ""),),
        "what is owed is sent after SIGTERM, and then the program ends",
    ),
    Fault(
        "ends-while-sending",
        "After SIGTERM the program sends what it owes, and ends before the origin has answered.",
        "cachepatterns/write-behind",
        (
            Change(
                "behind.py",
                "        while self.working:\n            await asyncio.wait([*self.working.values()])",
                "        if self.working:\n            await asyncio.wait([*self.working.values()], timeout=0.2)",
            ),
        ),
        "it waits for the origin's answer, and tries again",
    ),
    Fault(
        "paid-without-a-lifetime",
        "An entry that was owed never gets a lifetime, and stays for ever.",
        "cachepatterns/write-behind",
        (Change("behind.py", '(b"PEXPIRE", name, ttl)', '(b"EXISTS", name)'),),
        "an entry that is paid for has a lifetime like any other",
    ),
    Fault(
        "debt-in-memory",
        "What is owed is kept in memory only, and a crash forgets it.",
        "cachepatterns/write-behind",
        (
            Change(
                "behind.py",
                "        for key in members if isinstance(members, tuple) else ():\n",
                "        for key in ():\n",
            ),
        ),
        "what is owed is sent after SIGKILL and a new start",
    ),
    Fault(
        "debt-never-struck-out",
        "What was sent stays noted as owed, and is sent again after each start.",
        "cachepatterns/write-behind",
        (
            Change(
                "behind.py", '(b"SREM", OWED, key), (b"PEXPIRE"', '(b"PERSIST", OWED), (b"PEXPIRE"'
            ),
            Change(
                "behind.py",
                "            if entry is not None and plain(left) == FOR_EVER and key not in self.owed:\n",
                '            entry = entry or Entry(name, 200, b"", clock())\n            if key not in self.owed:\n',
            ),
        ),
        "what was sent is not owed any more",
    ),
    # Refresh-ahead.
    Fault(
        "refresh-at-every-read",
        "A young entry is fetched anew as well: each read asks the origin.",
        "cachepatterns/refresh-ahead",
        (
            Change(
                "ahead.py", "        return age >= self.settings.refresh\n", "        return True\n"
            ),
        ),
        "a young entry is answered, and the origin not asked",
    ),
    Fault(
        "refresh-keeps-waiting",
        "Whoever reads an entry that is no longer young waits for the new one.",
        "cachepatterns/refresh-ahead",
        (
            Change(
                "ahead.py",
                '        return entry\n\n    def due(self, age: int) -> bool:\n        """Whether',
                '            await task\n        return entry\n\n    def due(self, age: int) -> bool:\n        """Whether',
            ),
        ),
        "an older one is answered at once, and the origin asked behind it",
    ),
    Fault(
        "refresh-not-stored",
        "What a refresh brings is thrown away.",
        "cachepatterns/refresh-ahead",
        (
            Change(
                "ahead.py",
                "            entry = await self.load(key)\n",
                "            entry = await self.asked(key)\n",
            ),
        ),
        "what the origin answers replaces the entry",
    ),
    Fault(
        "refreshes-beside-each-other",
        "Each read of an entry that is no longer young asks the origin, also while one is under way.",
        "cachepatterns/refresh-ahead",
        (Change("ahead.py", " and key not in self.under_way:", ":"),),
        "one refresh at a time",
    ),
    Fault(
        "failed-refresh-removes",
        "A refresh that fails removes the entry, though it is still good.",
        "cachepatterns/refresh-ahead",
        (
            Change(
                "ahead.py",
                "        with suppress(Failing):\n            entry = await self.load(key)\n",
                "        try:\n            entry = await self.load(key)\n        except Failing:\n"
                "            await self.forget(key)\n        else:\n",
            ),
        ),
        "a refresh that fails leaves the entry",
    ),
    Fault(
        "gone-is-kept",
        "An item that the origin no longer has stays in the cache.",
        "cachepatterns/refresh-ahead",
        (
            Change(
                "ahead.py",
                "            if entry.status != 200:\n                await self.forget(key)\n",
                "            del entry\n",
            ),
        ),
        "a 404 removes the entry",
    ),
    # Stampedes.
    Fault(
        "no-flight",
        "Each client that finds nothing asks the origin by itself.",
        "cachepatterns/single-flight",
        (
            Change(
                "ahead.py",
                "        if flight is None:\n",
                "        if flight is None or not flight.done():\n",
            ),
        ),
        "fifty clients at once are one question to the origin",
    ),
    Fault(
        "one-lock-for-all-keys",
        "While one key is fetched all others wait, too.",
        "cachepatterns/single-flight",
        (
            Change(
                "ahead.py",
                "        flight = self.flights.get(key)\n",
                '        lock = self.__dict__.setdefault("lock", asyncio.Lock())\n        async with lock:\n            return await super().get(key)\n        flight = self.flights.get(key)\n',
            ),
        ),
        "another key does not wait",
    ),
    Fault(
        "failure-kept",
        "A flight that failed is never forgotten: all who come later get its failure.",
        "cachepatterns/single-flight",
        (
            Change(
                "ahead.py",
                "            flight.add_done_callback(lambda _: self.flights.pop(key, None))\n",
                "            flight.add_done_callback(lambda f: f.exception() or self.flights.pop(key, None))\n",
            ),
        ),
        "a failure is shared, and not kept",
    ),
    Fault(
        "never-early",
        "No read fetches ahead of the end: all wait for it, and then all go.",
        "cachepatterns/early-refresh",
        (
            Change(
                "ahead.py",
                "        return random.random() < math.exp(-left / self.settings.early)\n",
                "        return False\n",
            ),
        ),
        "with as much left as EARLY_MS, about 37 of a hundred do",
    ),
    Fault(
        "all-at-one-moment",
        "Instead of by chance, every read fetches from one moment on.",
        "cachepatterns/early-refresh",
        (
            Change(
                "ahead.py",
                "        return random.random() < math.exp(-left / self.settings.early)\n",
                "        return left <= self.settings.early\n",
            ),
        ),
        "with as much left as EARLY_MS, about 37 of a hundred do",
    ),
    Fault(
        "forgotten-when-stale",
        "The cache forgets the entry when it stops being fresh, and nothing is left to answer with.",
        "cachepatterns/stale",
        (
            Change(
                "ahead.py",
                "            lives = self.settings.ttl + self.settings.stale\n",
                "            lives = self.settings.ttl\n",
            ),
        ),
        "a stale one is answered at once, and the origin asked behind it",
    ),
    Fault(
        "stale-for-ever",
        "A stale entry is answered without end.",
        "cachepatterns/stale",
        (
            Change(
                "ahead.py",
                "            lives = self.settings.ttl + self.settings.stale\n",
                "            lives = 100 * (self.settings.ttl + self.settings.stale)\n",
            ),
        ),
        "behind both times it is a miss",
    ),
)
