"""Faults of many clients: who waits for whom, transactions, messages, those who mean harm.

    a   GET large  GET large  …       and reads nothing
    b   PING                          no answer: the server is still writing to a

Left out: one client by itself. See commands.py.
"""

from __future__ import annotations

from ...planted import Change, Fault

#: Writes all of it, and waits for as long as that takes.
STANDS_STILL = (
    "        import os, select\n\n"
    '        fd, rest = self.transport.get_extra_info("socket").fileno(), memoryview(data)\n'
    "        while rest:\n"
    "            select.select([], [fd], [], 60)\n"
    "            rest = rest[os.write(fd, rest) :]\n"
)

FAULTS: tuple[Fault, ...] = (
    # Many clients.
    Fault(
        "a-step-in-two",
        "Between reading a number and writing it back others are served, and their counts are lost.",
        "cache/many-clients",
        (
            Change(
                "strings.py",
                '    client.space.replace(key, b"%d" % total)\n',
                "    import asyncio\n\n"
                "    loop = asyncio.get_running_loop()\n"
                '    loop.call_soon(client.space.replace, key, b"%d" % total)\n',
            ),
        ),
        "20 clients that count 25 times each count to 500",
    ),
    Fault(
        "waits-for-the-rest",
        "Whoever has sent half a command is waited for, and nobody else is served.",
        "cache/many-clients",
        (
            Change(
                "connection.py",
                "        except NeedMore as need:\n",
                "        except NeedMore as need:\n"
                "            import select\n\n"
                '            self.send(b"".join(out))\n'
                "            out.clear()\n"
                '            select.select([self.transport.get_extra_info("socket")], [], [], 60)\n',
            ),
        ),
        "half a command delays nobody",
    ),
    Fault(
        "waits-for-who-reads",
        "It writes to one client until all is taken, and nobody else is served.",
        "cache/many-clients",
        (Change("connection.py", "        self.transport.write(data)\n", STANDS_STILL),),
        "a client that does not read delays nobody",
    ),
    Fault(
        "half-closed-for-ever",
        "A client that closes is waited for: its connection stays open on this side.",
        "cache/many-clients",
        (
            Change(
                "connection.py",
                "        return held or (self.choked and self.arriving is not None)\n",
                "        return True\n",
            ),
        ),
        "a client that goes in the middle of a command is forgotten",
    ),
    Fault(
        "buffer-for-each",
        "Each connection has a buffer of 256 KiB from the start.",
        "cache/many-clients",
        (
            Change(
                "connection.py",
                "        self.server.clients[self.id] = self\n",
                "        self.server.clients[self.id] = self\n"
                '        self.library = {b"buffer": b"%0*d" % (1 << 18, 0)}\n',
            ),
        ),
        "900 idle connections cost at most 64 KiB each",
    ),
    # Transactions.
    Fault(
        "done-at-once-and-again",
        "What is put in line is done at once, to see whether it can be, and again by EXEC.",
        "cache/transactions",
        (
            Change(
                "transactions.py",
                "        client.queue.append(words)\n",
                "        client.queue.append(words)\n        command.run(client, words)\n",
            ),
        ),
        "nothing is done before EXEC",
    ),
    Fault(
        "wrong-and-forgotten",
        "EXEC does what could be put in line, though something before it could not.",
        "cache/transactions",
        (
            Change(
                "transactions.py",
                '        client.happens("wrong command")\n        client.queue = None\n',
                "        pass\n",
            ),
        ),
        "too few arguments call the whole off",
    ),
    Fault(
        "exec-stops-at-an-error",
        "A command that fails while EXEC does it ends the transaction: the others are not done.",
        "cache/transactions",
        (
            Change(
                "server.py",
                "                answers.append(bytes(failure))\n",
                "                answers.append(bytes(failure))\n                break\n",
            ),
        ),
        "a command that fails while it is executed leaves the others",
    ),
    Fault(
        "null-of-a-string",
        "EXEC answers the null bulk string where a watched key has changed, not the null array.",
        "cache/transactions",
        (
            Change(
                "transactions.py",
                "        return client.nil_array()\n",
                "        return client.nil()\n",
            ),
        ),
        "a watched key that another client changed",
    ),
    Fault(
        "watch-compares-values",
        "WATCH compares values: a key that was written with the same one has not changed.",
        "cache/transactions",
        (
            Change(
                "keyspace.py",
                "            self.ends.pop(key, None)\n        self.changed(key)\n\n    def replace",
                "            self.ends.pop(key, None)\n"
                "        if value != old:\n"
                "            self.changed(key)\n\n    def replace",
            ),
        ),
        "the same value once more is a change",
    ),
    Fault(
        "watch-without-the-clock",
        "A watched key may end by itself, and EXEC goes ahead.",
        "cache/transactions",
        (
            Change(
                "transactions.py",
                "    over = any(client.space.is_over(key) for key in client.watched or ())\n",
                "    over = False\n",
            ),
            Change(
                "keyspace.py",
                "        self.forget(key)\n        if self.watchers:\n            self.tell(key)\n"
                "        if self.on_gone",
                "        self.forget(key)\n        if self.on_gone",
            ),
        ),
        "a lifetime that ends is a change",
    ),
    Fault(
        "discard-goes-on-watching",
        "DISCARD forgets what was put in line, and not what was watched.",
        "cache/transactions",
        (
            Change(
                "transactions.py",
                '    end(client, "DISCARD")\n',
                '    client.happens("DISCARD")\n    client.queue = None\n',
            ),
        ),
        "UNWATCH, DISCARD and EXEC forget what was watched",
    ),
    # Messages.
    Fault(
        "one-answer-for-all",
        "SUBSCRIBE to several channels is answered once.",
        "cache/publish",
        (
            Change(
                "publish.py",
                '        client.happens("SUBSCRIBE")\n    return b"".join(out)\n',
                '        client.happens("SUBSCRIBE")\n    return out[-1]\n',
            ),
        ),
        "SUBSCRIBE is answered for each channel, and counts",
    ),
    Fault(
        "channel-or-pattern",
        "Where somebody listens to the channel itself, patterns are not looked at.",
        "cache/publish",
        (
            Change(
                "publish.py",
                "            if matching(pattern)(channel):\n",
                "            if not count and matching(pattern)(channel):\n",
            ),
        ),
        "a channel and a pattern of it bring a message twice",
    ),
    Fault(
        "counted-apart",
        "The number behind a subscription counts either channels or patterns.",
        "cache/publish",
        (
            Change(
                "publish.py",
                "    return len(client.channels or ()) + len(client.patterns or ())\n",
                "    return len(client.channels or ()) or len(client.patterns or ())\n",
            ),
        ),
        "channels and patterns count together",
    ),
    Fault(
        "subscribers-may-all",
        "In RESP2 a subscriber may send any command, though replies and messages look alike.",
        "cache/publish",
        (
            Change(
                "transactions.py",
                '        if "s" not in command.flags:\n',
                '        if "q" in command.flags:\n',
            ),
        ),
        "in RESP2 a subscriber may not do anything else",
    ),
    Fault(
        "gone-and-still-subscribed",
        "A subscriber whose connection has ended is still counted.",
        "cache/publish",
        (
            Change("connection.py", "        self.server.hub.forget(self)\n", ""),
            Change("server.py", "        self.hub.forget(connection)\n", ""),
        ),
        "a subscriber that has gone counts no more",
    ),
    Fault(
        "waits-for-subscribers",
        "PUBLISH waits until each subscriber has taken the message.",
        "cache/publish",
        (
            Change(
                "connection.py",
                "        self.send(data)\n        if self.transport",
                STANDS_STILL + "        if self.transport",
            ),
        ),
        "a subscriber that does not read holds up nobody",
    ),
    # Those who mean harm.
    Fault(
        "line-without-a-bound",
        "A line may be as long as it likes, and is kept until it ends.",
        "cache/limits",
        (Change("requests.py", "MOST_INLINE = 64 << 10 ", "MOST_INLINE = 1 << 40 "),),
        "a line without an end is refused",
    ),
    Fault(
        "count-without-a-bound",
        "Any count of words is taken, and so many are waited for.",
        "cache/limits",
        (Change("requests.py", "MOST_WORDS = (1 << 31) - 1\n", "MOST_WORDS = 1 << 80\n"),),
        "a count above 2147483647 is a protocol error",
    ),
    Fault(
        "minus-one-is-empty",
        "A length below 0 is taken as that of an empty argument.",
        "cache/limits",
        (
            Change(
                "requests.py",
                "        raise r.fail(\n"
                '            grammar.WORD_LENGTH, start + 1, 2, "a word of a command has no negative length"\n'
                "        )\n",
                '        return b""\n',
            ),
        ),
        "a length below 0 is a protocol error",
    ),
    Fault(
        "goes-on-after-nonsense",
        "Behind octets that are no RESP the connection goes on.",
        "cache/limits",
        (
            Change(
                "connection.py",
                '{said(error)}")))\n            self.happens("no RESP")\n',
                '{said(error)}")))\n',
            ),
        ),
        "a count that is no number is a protocol error",
    ),
    Fault(
        "answers-thrown-away",
        "A protocol error throws away the replies to what came before it.",
        "cache/limits",
        (
            Change(
                "connection.py",
                '            out.append(bytes(Failure(f"ERR Protocol error: {said(error)}")))\n',
                '            out = [bytes(Failure(f"ERR Protocol error: {said(error)}"))]\n',
            ),
        ),
        "what went ahead is answered first",
    ),
    Fault(
        "nothing-is-answered",
        "A command of no words is answered, with an error.",
        "cache/limits",
        (
            Change(
                "connection.py",
                "                words = read_words(r)\n",
                '                words = read_words(r) or (b"",)\n',
            ),
        ),
        "a count of 0 or -1 is passed over",
    ),
    Fault(
        "room-for-what-is-announced",
        "Room is made for an argument when its length has come, and not its octets.",
        "cache/limits",
        (
            Change(
                "arriving.py",
                "        self.kept = bytearray(data)\n",
                '        self.room = b"%0*d" % (min(max(least, 1), 1 << 24), 0)\n'
                "        self.kept = bytearray(data)\n",
            ),
            Change("arriving.py", '"least", "left",', '"least", "left", "room",'),
        ),
        "lengths that are announced cost nothing",
    ),
    Fault(
        "answers-without-a-bound",
        "Replies are kept until they are read, however many they are.",
        "cache/limits",
        (
            Change(
                "connection.py",
                "        self.choked = True\n        self.transport.pause_reading()\n",
                "        pass\n",
            ),
        ),
        "a client that never reads is held back, or let go",
    ),
    Fault(
        "messages-without-a-bound",
        "Messages are kept for a subscriber that never reads, however many they are.",
        "cache/limits",
        (Change("connection.py", "MOST_WAITING = 32 << 20 ", "MOST_WAITING = 1 << 40 "),),
        "a subscriber that never reads is held back, or let go",
    ),
)
