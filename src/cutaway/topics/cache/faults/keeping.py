"""Faults of what is kept: memory, which key goes, what survives, the end.

    SET a 1      write ─ +OK ─ fsync           the answer is ahead of the disk

Left out: what is kept in a key. See values.py and kinds.py.
"""

from __future__ import annotations

from ...planted import Change, Fault

FAULTS: tuple[Fault, ...] = (
    # A limit on memory.
    Fault(
        "values-alone-count",
        "The figure used_memory counts values, and neither their keys nor what is needed beside them.",
        "cache/memory",
        (
            Change(
                "keyspace.py",
                "            self.used += ENTRY + len(key) + len(value)\n        else:\n",
                "            self.used += len(value)\n        else:\n",
            ),
            Change(
                "keyspace.py",
                "        self.used -= ENTRY + len(key) + weight(self.values.pop(key))\n",
                "        self.used -= weight(self.values.pop(key))\n",
            ),
        ),
        "what is stored counts",
    ),
    Fault(
        "keys-for-nothing",
        "The figure used_memory counts values and something for each key, however long the key is.",
        "cache/memory",
        (
            Change(
                "keyspace.py",
                "            self.used += ENTRY + len(key) + len(value)\n        else:\n",
                "            self.used += ENTRY + len(value)\n        else:\n",
            ),
            Change(
                "keyspace.py",
                "        self.used -= ENTRY + len(key) + weight(self.values.pop(key))\n",
                "        self.used -= ENTRY + weight(self.values.pop(key))\n",
            ),
        ),
        "keys count as values do",
    ),
    Fault(
        "removed-still-counts",
        "The figure used_memory grows with each key, and does not shrink when one is removed.",
        "cache/memory",
        (
            Change(
                "keyspace.py",
                "        self.used -= ENTRY + len(key) + weight(self.values.pop(key))\n",
                "        self.values.pop(key)\n",
            ),
        ),
        "what is removed counts no more",
    ),
    Fault(
        "oom-for-every-write",
        "Above the limit DEL is refused, too, so that there is no way back.",
        "cache/memory",
        (
            Change(
                "server.py", '        if "m" in command.flags:\n', "        if command.writes:\n"
            ),
        ),
        "what reads or removes goes on above the limit",
    ),
    Fault(
        "evicted-not-counted",
        "Keys that had to go are not counted.",
        "cache/memory",
        (Change("server.py", "            self.evicted += 1\n", ""),),
        "what had to go is counted",
    ),
    Fault(
        "one-for-one",
        "Each write above the limit removes one key, however far above it is.",
        "cache/memory",
        (
            Change(
                "server.py",
                "        while limit and space.used > limit:\n",
                "        if limit and space.used > limit:\n",
            ),
        ),
        "a limit below what is used removes keys",
    ),
    Fault(
        "for-ever-until-room-is-short",
        "With volatile-ttl a key without a lifetime goes when no other is left.",
        "cache/memory",
        (
            Change(
                "server.py",
                "            return self.space.soonest()\n",
                "            return self.space.soonest() or next(iter(self.space.values), None)\n",
            ),
        ),
        "volatile-ttl removes nothing that has no lifetime",
    ),
    # Which key goes.
    Fault(
        "lru-by-insertion",
        "A read is no use: the key that was written longest ago goes.",
        "cache/eviction",
        (
            Change(
                "keyspace.py",
                "        if self.order is not None:\n            self.order.asked(key)\n        return value\n",
                "        return value\n",
            ),
        ),
        "LRU: a working set outlives keys that come once",
    ),
    Fault(
        "samples-from-the-first",
        "Samples are drawn from the first few keys, as by a walk that always begins in one place.",
        "cache/eviction",
        (
            Change(
                "memory.py",
                "int(random.random() * len(self.keys))",
                "int(random.random() * min(8, len(self.keys)))",
            ),
        ),
        "LRU: what was popular once has to go",
    ),
    Fault(
        "lfu-by-last-use",
        "LFU looks at when a key was used last, and not at how often.",
        "cache/eviction",
        (
            Change(
                "memory.py",
                "        return self.often[key], self.last[key]\n",
                "        return self.last[key], self.often[key]\n",
            ),
        ),
        "LFU: what was asked for often outlives many that came since",
    ),
    Fault(
        "random-is-the-first",
        "Random removal takes the first key of its table.",
        "cache/eviction",
        (
            Change(
                "memory.py",
                "        return self.draw() if self.keys else None\n",
                "        return next(iter(self.places), None)\n",
            ),
        ),
        "random: some of what was there first is left",
    ),
    Fault(
        "ttl-by-arrival",
        "The policy volatile-ttl removes the lifetime that was set first, not the one that ends soonest.",
        "cache/eviction",
        (
            Change(
                "server.py",
                "            return self.space.soonest()\n",
                "            return next(iter(self.space.ends), None)\n",
            ),
        ),
        "volatile-ttl: what ends soonest goes first, whenever it came",
    ),
    # What survives.
    Fault(
        "flushall-not-in-the-log",
        "FLUSHALL empties memory and not the log, and everything is back after a restart.",
        "cache/durability",
        (
            Change(
                "keyspace.py",
                "        self.used = 0\n        self.changes += 1\n",
                "        self.used = 0\n",
            ),
        ),
        "what was written is there after SIGKILL",
    ),
    Fault(
        "lifetime-from-the-restart",
        "The log has a lifetime as it was asked for, and it begins anew with each restart.",
        "cache/durability",
        (
            Change("server.py", "self.log.append(self.logged or words)", "self.log.append(words)"),
            Change("log.py", "    server.space.clock.stopped = True\n", ""),
        ),
        "a lifetime survives as the moment at which it ends",
    ),
    Fault(
        "spop-drawn-again",
        "The log has SPOP itself, and a restart draws other members.",
        "cache/durability",
        (Change("sets.py", '    client.server.log_as((b"SREM", words[1], *drawn))\n', ""),),
        "what SPOP drew stays drawn",
    ),
    Fault(
        "kept-in-a-buffer",
        "What is written is acknowledged while it is still in a buffer of the program.",
        "cache/durability",
        (
            Change(
                "log.py",
                "            if not self.always:\n                self.write()\n            elif",
                "            if not self.always:\n                pass\n            elif",
            ),
        ),
        "and with everysec, for the kernel has it",
    ),
    Fault(
        "torn-end-refused",
        "A log whose end is torn is taken for broken, and the program does not start.",
        "cache/durability",
        (
            Change(
                "log.py",
                "    server.space.clock.stopped = False\n",
                "    server.space.clock.stopped = False\n"
                "    if reading.good < path.stat().st_size:\n"
                '        raise BadLog(f"{path} ends in the middle of a command")\n',
            ),
        ),
        "an end that is torn is cut off, and what stands ahead of it is there",
    ),
    Fault(
        "torn-end-left",
        "What is left of a torn command stays in the log, and the next one is written behind it.",
        "cache/durability",
        (
            Change(
                "log.py",
                "    if path.exists() and path.stat().st_size > good:\n        os.truncate(path, good)\n",
                "",
            ),
        ),
        "what is written behind a torn end is there, too",
    ),
    Fault(
        "transaction-in-parts",
        "The log has the commands of a transaction one by one, without MULTI and EXEC around them.",
        "cache/durability",
        (
            Change(
                "server.py",
                "            self.log.enclose(start)\n",
                "            pass\n",
            ),
        ),
        "a transaction that is torn is not there in part",
    ),
    Fault(
        "ends-not-in-the-log",
        "That a lifetime has ended is not in the log: a key that was made anew is lost with the old one.",
        "cache/durability",
        (Change("server.py", "        self.space.on_gone = self.note_gone\n", ""),),
        "a key that ended and was made anew is there",
    ),
    Fault(
        "replay-by-the-clock",
        "A key that is over is left out when the log is read, and what changed it then makes it anew.",
        "cache/durability",
        (Change("log.py", "    server.space.clock.stopped = True\n", ""),),
        "a key that changed, and ended while the program was down, is not",
    ),
    # Flushing.
    Fault(
        "flushed-behind-the-answer",
        "With always the answer leaves first, and the flush follows.",
        "cache/flushing",
        (
            Change(
                "log.py",
                "            if not self.always:\n"
                "                self.write()\n"
                "            elif not self.planned:\n"
                "                self.planned = True\n"
                "                asyncio.get_running_loop().call_soon(self.release)\n"
                "        if not self.planned:\n"
                "            return False\n",
                "            self.write()\n"
                "            if self.always and not self.planned:\n"
                "                self.planned = True\n"
                "                asyncio.get_running_loop().call_soon(self.release)\n"
                "        return False\n",
            ),
        ),
        "with always, a write is flushed before it is acknowledged",
    ),
    Fault(
        "never-flushed",
        "With everysec nothing is flushed: it is left to the system.",
        "cache/flushing",
        (Change("log.py", "        if not self.everysec or", "        if True or"),),
        "with everysec, within two seconds",
    ),
    Fault(
        "flushing-as-it-began",
        "CONFIG SET appendfsync is answered with OK, and nothing is flushed otherwise than before.",
        "cache/flushing",
        (
            Change(
                "server.py",
                "        self.careful = bool(settings.maxmemory) or self.log is not None\n"
                "        if self.log is not None:\n",
                "        first = not self.careful\n"
                "        self.careful = bool(settings.maxmemory) or self.log is not None\n"
                "        if self.log is not None and first:\n",
            ),
        ),
        "CONFIG SET appendfsync changes it while the program runs",
    ),
    # The end.
    Fault(
        "idle-clients-keep-it",
        "It waits until its clients have gone, and clients of a cache stay for days.",
        "cache/drain",
        (
            Change(
                "server.py",
                "            connection.close()\n        if self.clients:\n",
                "            pass\n        if self.clients:\n",
            ),
            Change("server.py", "LAST_SECONDS = 2.0 ", "LAST_SECONDS = 60.0 "),
            Change("server.py", "DRAIN_SECONDS = 4.5\n", "DRAIN_SECONDS = 60.0\n"),
        ),
        "idle clients do not keep it",
    ),
    Fault(
        "half-a-command-keeps-it",
        "It waits for the rest of a command that has begun.",
        "cache/drain",
        (
            Change(
                "server.py",
                "            connection.close()\n        if self.clients:\n",
                "            if connection.arriving is None:\n"
                "                connection.close()\n        if self.clients:\n",
            ),
            Change("server.py", "LAST_SECONDS = 2.0 ", "LAST_SECONDS = 60.0 "),
            Change("server.py", "DRAIN_SECONDS = 4.5\n", "DRAIN_SECONDS = 60.0\n"),
        ),
        "nor does half a command, or a transaction",
    ),
    Fault(
        "deaf-clients-keep-it",
        "It waits until each client has taken its replies.",
        "cache/drain",
        (
            Change("server.py", "LAST_SECONDS = 2.0 ", "LAST_SECONDS = 60.0 "),
            Change("server.py", "DRAIN_SECONDS = 4.5\n", "DRAIN_SECONDS = 60.0\n"),
        ),
        "nor a client that does not read",
    ),
    Fault(
        "goes-on-listening",
        "It ends when its last client has gone, and takes new ones until then.",
        "cache/drain",
        (
            Change(
                "server.py",
                "            connection.close()\n        if self.clients:\n",
                "            pass\n        if self.clients:\n",
            ),
            Change("server.py", "LAST_SECONDS = 2.0 ", "LAST_SECONDS = 60.0 "),
            Change("server.py", "DRAIN_SECONDS = 4.5\n", "DRAIN_SECONDS = 60.0\n"),
            Change(
                "net/serve.py",
                "    for server in servers:\n        server.close()\n    await _drain",
                "    await _drain",
            ),
        ),
        "no new client is served",
    ),
)
