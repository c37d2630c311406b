"""Faults of the first stages: what is stored and for how long, and who is told first.

    GET k1 → ""      stored, and looked up as if nothing were there

Left out: what goes on in the background. See background.py.
"""

from __future__ import annotations

from ...planted import Change, Fault

FAULTS: tuple[Fault, ...] = (
    # Aside.
    Fault(
        "kept-in-memory",
        "Values are kept in the program's own memory, beside the cache.",
        "cachepatterns/aside",
        (
            Change(
                "patterns.py",
                "        held = await self.found(key)\n",
                '        kept = self.__dict__.setdefault("kept", {})\n'
                "        held = kept.get(key) or await self.found(key)\n",
            ),
            Change(
                "patterns.py",
                "        return Answer(held.status, held.value)\n",
                "        kept[key] = held\n        return Answer(held.status, held.value)\n",
            ),
        ),
        "what the cache does not have is asked of the origin",
    ),
    Fault(
        "nothing-is-stored",
        "The origin's answer is never stored: each read asks the origin.",
        "cachepatterns/aside",
        (
            Change(
                "store.py",
                "                return done((await say(",
                "                return bool(held) or done((await say(",
            ),
        ),
        "what the cache has is not asked of the origin",
    ),
    Fault(
        "no-lifetime",
        "Entries are stored without a lifetime, and stay for ever.",
        "cachepatterns/aside",
        (
            Change(
                "patterns.py",
                'keeps = (b"SET", name, bytes(entry), b"PX", b"%d" % self.settings.ttl)',
                'keeps = (b"SET", name, bytes(entry))',
            ),
        ),
        "an entry has a lifetime",
    ),
    Fault(
        "empty-is-none",
        "An empty value in the cache is taken for no value.",
        "cachepatterns/aside",
        (
            Change(
                "codec.py",
                "    return entry if entry.key == key",
                "    return entry if entry.value and entry.key == key",
            ),
        ),
        "an empty value is a value",
    ),
    Fault(
        "failure-is-an-answer",
        "Whatever status the origin has is passed on, a failure of it as well.",
        "cachepatterns/aside",
        (
            Change(
                "origin.py",
                "        if answer.status not in (200, 404):\n            raise Failing\n",
                "",
            ),
        ),
        "a failure of the origin is 502 and not stored",
    ),
    Fault(
        "redirect-followed",
        "A redirect of the origin is followed, and what stands elsewhere is taken for the value.",
        "cachepatterns/aside",
        (
            Change(
                "origin.py",
                "            return await answer_of(reader, method)\n",
                "            answer = await answer_of(reader, method)\n"
                '            elsewhere = answer.value(b"Location")\n'
                "            if elsewhere:\n"
                '                return await self.ask(method, elsewhere.rpartition(b"/")[2])\n'
                "            return answer\n",
            ),
        ),
        "a redirect of the origin is a failure, and is not followed",
    ),
    Fault(
        "half-is-whole",
        "An answer of the origin that breaks off is taken for all of the value.",
        "cachepatterns/aside",
        (
            Change(
                "origin.py",
                "            if not data or len(came) > LARGEST:\n",
                '            if not data and b"\\r\\n\\r\\n" in came:\n'
                '                return Response(body=came.partition(b"\\r\\n\\r\\n")[2])\n'
                "            if not data or len(came) > LARGEST:\n",
            ),
        ),
        "half of a value is none",
    ),
    Fault(
        "lease-left-behind",
        "A reader that finds nothing at the origin leaves its lease, and the next one may not store.",
        "cachepatterns/aside",
        (
            Change(
                "patterns.py",
                "            if lease is not None:\n",
                '            if lease is not None and keeps[0] == b"SET":\n',
            ),
        ),
        "the origin's 404 is answered and not stored",
    ),
    Fault(
        "any-path-will-do",
        "A path is read only as far as it fits: what stands behind it is not looked at.",
        "cachepatterns/aside",
        (Change("server.py", "PATH.fullmatch(", "PATH.match("),),
        "other paths are 404, and nobody is asked",
    ),
    # Read-through.
    Fault(
        "nothing-not-remembered",
        "A 404 is not remembered: who asks for what is not there asks the origin each time.",
        "cachepatterns/read-through",
        (
            Change(
                "patterns.py",
                "        ttl = self.settings.ttl if entry.status == 200 else self.settings.negative\n",
                "        ttl = self.settings.ttl\n        if entry.status != 200:\n            return\n",
            ),
        ),
        "a 404 is remembered",
    ),
    Fault(
        "nothing-for-as-long",
        "A 404 is remembered for as long as a value.",
        "cachepatterns/read-through",
        (
            Change(
                "patterns.py",
                "        ttl = self.settings.ttl if entry.status == 200 else self.settings.negative\n",
                "        ttl = self.settings.ttl\n",
            ),
        ),
        "a 404 has a lifetime of its own, and a shorter one",
    ),
    # Writes.
    Fault(
        "cache-first",
        "A write goes into the cache first, and then to the origin.",
        "cachepatterns/write-through",
        (
            Change(
                "patterns.py",
                "        await self.origin.store(key, value)\n"
                "        entry = Entry(self.entry_of(key), 200, value, born)\n",
                "        entry = Entry(self.entry_of(key), 200, value, born)\n"
                "        await self.store.put(entry, self.settings.ttl)\n"
                "        await self.origin.store(key, value)\n",
            ),
        ),
        "the cache does not have it before the origin",
    ),
    Fault(
        "refused-and-stored",
        "What the origin refuses is answered with 502, and stored in the cache all the same.",
        "cachepatterns/write-through",
        (
            Change(
                "patterns.py",
                "        await self.origin.store(key, value)\n"
                "        entry = Entry(self.entry_of(key), 200, value, born)\n",
                "        entry = Entry(self.entry_of(key), 200, value, born)\n"
                "        try:\n            await self.origin.store(key, value)\n"
                "        except Exception:\n"
                "            await self.store.put(entry, self.settings.ttl)\n            raise\n",
            ),
        ),
        "what the origin does not take is not in the cache",
    ),
    Fault(
        "around-and-old",
        "A write goes past the cache, and the entry from before it stays.",
        "cachepatterns/write-around",
        (
            Change(
                "patterns.py",
                "        await self.origin.store(key, value)\n        await self.forget(key)\n",
                "        await self.origin.store(key, value)\n",
            ),
        ),
        "an entry that was there is removed",
    ),
    Fault(
        "flushes-everything",
        "To remove one entry the whole cache is emptied.",
        "cachepatterns/write-around",
        (
            Change(
                "store.py",
                '            await self.link.ask((b"DEL", *names))\n            self.owes.diff',
                '            await self.link.ask((b"FLUSHDB",))\n            self.owes.diff',
            ),
        ),
        "entries of other patterns stay",
    ),
    # Invalidation.
    Fault(
        "removed-first",
        "A write removes the entry first and tells the origin then.",
        "cachepatterns/invalidation",
        (
            Change(
                "patterns.py",
                "        await self.origin.store(key, value)\n        await self.forget(key)\n",
                "        await self.forget(key)\n        await self.origin.store(key, value)\n",
            ),
        ),
        "the entry is not removed before the origin has the new value",
    ),
    Fault(
        "one-pattern-invalidated",
        "An invalidation removes the entry of one pattern and forgets the others.",
        "cachepatterns/invalidation",
        (
            Change(
                "server.py", "for pattern in self.derived])", "for pattern in self.derived[:1]])"
            ),
        ),
        "an invalidation removes the entry of each pattern",
    ),
    Fault(
        "invalidated-by-beginning",
        "An invalidation searches all keys, and removes those that only begin alike.",
        "cachepatterns/invalidation",
        (
            Change(
                "server.py",
                "        await self.store.remove(*[pattern.entry_of(key) for pattern in self.derived])\n",
                '        [found] = await self.store.link.ask((b"KEYS", b"*:" + key + b"*"))\n'
                '        names = [item.data for item in getattr(found, "items", ())]\n'
                "        if names:\n            await self.store.remove(*names)\n",
            ),
        ),
        "entries of other keys stay",
    ),
)
