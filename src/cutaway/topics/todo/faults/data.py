"""Faults of what is kept: order and pages, changes, once only, crashes.

    look at the tag ── somebody else writes ── write       both are told that they won

Left out: faults of the store. Topic cache has them.
"""

from __future__ import annotations

from ...planted import Change, Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "unguarded",
        "If-Match is not asked for: who says nothing overwrites everything.",
        "todo/change",
        (Change("service.py", "if tags is None and needed:", "if False:"),),
        "without If-Match nothing is changed",
    ),
    Fault(
        "tag-not-compared",
        "If-Match has to be there, and is not compared.",
        "todo/change",
        (Change("service.py", "old.tag not in tags:", "not tags:"),),
        "a change with an old tag is not done",
    ),
    Fault(
        "tag-from-content",
        "The tag is made from the content alone, and comes again when the content does.",
        "todo/change",
        (
            Change(
                "codec.py",
                "return b'\"%d-%08x\"' % (self.version, zlib.crc32(self.body))",
                "return b'\"%08x\"' % zlib.crc32(self.body)",
            ),
        ),
        "after a change the old tag is no longer the tag",
    ),
    Fault(
        "look-then-write",
        "The tag is looked at, and then written, without a watch: another may come between.",
        "todo/change",
        (
            Change(
                "repository.py",
                '                    _, found = await wire.say((b"WATCH", name), (b"GET", name))\n',
                '                    [found] = await wire.say((b"GET", name))\n',
            ),
        ),
        "of eight changes with one tag one is done",
    ),
    Fault(
        "created-anew",
        "A change makes the time of creation new.",
        "todo/change",
        (Change("service.py", 'created = checked.fields["created"]', "created = now()"),),
        "id and created stay as they are",
    ),
    Fault(
        "cache-not-told",
        "A write does not tell the cache.",
        "todo/delete",
        (
            Change(
                "cached.py",
                "        if self.link is None:\n            return\n",
                "        return\n",
            ),
        ),
        "also when it was read before",
    ),
    Fault(
        "pages-are-counted",
        "A page begins behind so many to-dos: what is deleted before it moves it.",
        "todo/list",
        (
            Change(
                "repository.py",
                '        words = (ORDER, b"(%d" % after, b"+inf", b"BYSCORE", b"LIMIT", b"0", b"%d" % size)\n'
                '        [found] = await self.link.ask((b"ZRANGE", *words, b"WITHSCORES"))\n'
                "        flat = plain(sound(found))\n",
                '        words = (ORDER, b"%d" % after, b"%d" % (after + size - 1))\n'
                '        [found] = await self.link.ask((b"ZRANGE", *words))\n'
                "        names = plain(sound(found))\n"
                "        if not isinstance(names, tuple):\n"
                "            return []\n"
                "        flat = tuple(\n"
                '            part for at, name in enumerate(names, after + 1) for part in (name, b"%d" % at)\n'
                "        )\n",
            ),
        ),
        "what is deleted between two pages hides no other",
    ),
    Fault(
        "next-too-often",
        "A full page always has a next one, though nothing follows.",
        "todo/list",
        (
            Change(
                "repository.py",
                "                if len(batch) < size:\n                    return Page(todos)\n",
                "                if len(batch) < size:\n"
                "                    return Page(todos, number if len(todos) == limit else 0)\n",
            ),
        ),
        "a page has at most limit of them",
    ),
    Fault(
        "limit-without-end",
        "A page may be as long as its client says.",
        "todo/list",
        (Change("validation.py", '"limit", USUAL, 1, MOST', '"limit", USUAL, 1, 10**9'),),
        "a query that makes no sense is 400",
    ),
    Fault(
        "ascii-search",
        "The case of letters is folded for A to Z only.",
        "todo/search",
        (
            Change("service.py", "query.text.casefold()", "query.text.encode().lower()"),
            Change(
                "service.py",
                'text in members["title"].casefold()',
                'text in members["title"].encode().lower()',
            ),
        ),
        "in no alphabet",
    ),
    Fault(
        "search-forgotten",
        "The next page of a search is a page of everything.",
        "todo/search",
        (Change("handlers.py", '        asked["q"] = query.text\n', "        pass\n"),),
        "the pages of a search",
    ),
    Fault(
        "filter-one-page",
        "A search looks through one page of to-dos, and shows what fits of it.",
        "todo/search",
        (
            Change(
                "repository.py",
                "size = limit + 1 if wanted is None else BATCH",
                "size = limit + 1",
            ),
            Change(
                "repository.py",
                "                if len(batch) < size:\n",
                "                if len(batch) < size or wanted is not None:\n",
            ),
        ),
        "the pages of a search",
    ),
    Fault(
        "key-not-remembered",
        "The idempotency key is read and forgotten.",
        "todo/once",
        (
            Change(
                "service.py", "hexdigest().encode() if key else", "hexdigest().encode() if 0 else"
            ),
        ),
        "the second gets the first answer",
    ),
    Fault(
        "key-says-all",
        "The same key gets the first answer, whatever the body is.",
        "todo/once",
        (Change("service.py", "if receipt.body != digest:", "if False:"),),
        "with another body it is 422",
    ),
    Fault(
        "key-not-watched",
        "The key is looked up, and not watched, and creations do not wait for each other.",
        "todo/once",
        (
            Change(
                "repository.py",
                "async with self.in_time(), self.adding:",
                "async with self.in_time():",
            ),
            Change(
                "repository.py",
                '(b"WATCH", *names), (b"MGET", *names)',
                '(b"PING",), (b"MGET", *names)',
            ),
        ),
        "both at the same time create one",
    ),
    Fault(
        "key-in-memory",
        "What was made under a key is known to this program alone.",
        "todo/once",
        (
            Change(
                "repository.py",
                "        receipt = Receipt(digest, kept)\n",
                "        receipt = Receipt(digest, kept)\n"
                '        once = once and once + b"%d" % id(self.link.opening)\n',
            ),
        ),
        "also from another program",
    ),
    Fault(
        "number-in-memory",
        "The last number is read once, and counted on in the program.",
        "todo/durable",
        (
            Change(
                "repository.py",
                "                    if await committed(wire, *creation(last + 1, ident, receipt, once)):\n",
                '                    self.__dict__["last"] = self.__dict__.get("last", 0) + 1\n'
                '                    last = self.__dict__["last"] - 1\n'
                "                    if await committed(wire, *creation(last + 1, ident, receipt, once)):\n",
            ),
        ),
        "a program that is started again knows all of it",
    ),
    Fault(
        "store-away-is-500",
        "A store that is gone is an error that nobody foresaw.",
        "todo/durable",
        (Change("problems.py", "isinstance(error, Away)", "False"),),
        "the store is killed and comes back",
    ),
    Fault(
        "lock-in-memory",
        "A lock of the program keeps two writers apart, and knows nothing of another program.",
        "todo/together",
        (
            Change(
                "repository.py",
                "        async with self.in_time():\n"
                "            while True:\n"
                "                async with self.session() as wire:\n"
                '                    _, found = await wire.say((b"WATCH", name), (b"GET", name))\n',
                "        async with self.in_time(), self.adding:\n"
                "            while True:\n"
                "                async with self.session() as wire:\n"
                '                    [found] = await wire.say((b"GET", name))\n',
            ),
        ),
        "of eight changes with one tag one is done",
    ),
)
