r"""Faults of the first stages: one command and its reply, the stream, what real clients ask.

    *2⏎$4⏎ECHO⏎$5⏎al      pha⏎        one command in two reads, answered with nothing

Left out: what the commands do. See values.py.
"""

from __future__ import annotations

from ...planted import Change, Fault

FAULTS: tuple[Fault, ...] = (
    # One command.
    Fault(
        "no-lines",
        "It takes arrays only: a command that a person types as a line is a protocol error.",
        "cache/ping",
        (
            Change(
                "requests.py",
                '    if kind != b"*":\n        return read_inline(r)\n',
                '    if kind != b"*":\n'
                '        raise r.fail(grammar.TYPE, start, 1, "a command is an array")\n',
            ),
        ),
        "PING as a line is answered with PONG",
    ),
    Fault(
        "names-by-letter",
        "Names of commands are compared letter by letter: ping is not PING.",
        "cache/ping",
        (
            Change(
                "commands.py",
                "COMMANDS = BY_NAME | {command.name.lower(): command for command in TABLE}\n",
                "COMMANDS = BY_NAME\n",
            ),
            Change("commands.py", "BY_NAME.get(words[0].upper())", "BY_NAME.get(words[0])"),
        ),
        "small letters name the same command",
    ),
    Fault(
        "message-passed-over",
        "PING is answered with PONG, whatever message it brings.",
        "cache/ping",
        (
            Change(
                "about.py",
                "    return bulk(words[1]) if len(words) == 2 else PONG\n",
                "    return PONG\n",
            ),
        ),
        "PING with a message answers the message",
    ),
    Fault(
        "unknown-ends-it",
        "A command that is not known ends the connection, as if what follows could not be read.",
        "cache/ping",
        (
            Change(
                "connection.py",
                "            if isinstance(failure, WEB_PAGE):\n",
                '            if b"unknown command" in failure.text:\n',
            ),
        ),
        "a command that is not known is an error, and the next one is answered",
    ),
    # The stream.
    Fault(
        "half-a-command-lost",
        "A read is taken for a command: one that comes in two reads is lost.",
        "cache/stream",
        (
            Change(
                "connection.py",
                "        except NeedMore as need:\n"
                "            self.arriving = Arriving(data[start:], need.least - start, need.mark)\n",
                "        except NeedMore:\n            pass\n",
            ),
        ),
        "a command is one command wherever it is cut in two",
    ),
    Fault(
        "one-command-a-read",
        "Of the commands that come in one read the first is done, and the others are dropped.",
        "cache/stream",
        (
            Change(
                "connection.py",
                "            while start < end:\n",
                "            if start < end:\n",
            ),
        ),
        "two commands in one write are two commands",
    ),
    Fault(
        "line-end-searched",
        "An argument is read up to the next CR LF, whatever its length says.",
        "cache/stream",
        (
            Change(
                "requests.py",
                "    data = r.take(size, field)\n",
                '    data = r.take(r.data.find(b"\\r\\n", r.pos) - r.pos, field)\n',
            ),
        ),
        "a command is one command wherever it is cut in two",
    ),
    Fault(
        "octets-as-text",
        "Arguments are made text and octets again: what is no UTF-8 is lost on the way.",
        "cache/stream",
        (
            Change(
                "about.py",
                "    return bulk(words[1])\n",
                '    return bulk(words[1].decode("utf-8", "replace").encode())\n',
            ),
        ),
        "an argument is octets of any kind",
    ),
    Fault(
        "length-in-characters",
        "The length of a reply counts characters, and some take more than one octet.",
        "cache/stream",
        (
            Change(
                "messages.py",
                '    return b"$%d\\r\\n%b\\r\\n" % (len(data), data)\n',
                '    size = len(data.decode("utf-8", "replace"))\n'
                '    return b"$%d\\r\\n%b\\r\\n" % (size, data)\n',
            ),
        ),
        "an argument is octets of any kind",
    ),
    Fault(
        "one-write-for-all",
        "It writes once, and what one write does not take of a long reply is lost.",
        "cache/stream",
        (
            Change(
                "connection.py",
                "        self.transport.write(data)\n\n",
                "        self.transport.write(data[: 1 << 18])\n\n",
            ),
        ),
        "an argument of 1 MiB comes back whole",
    ),
    Fault(
        "errors-overtake",
        "An error is sent at once, while the replies before it are still being gathered.",
        "cache/stream",
        (
            Change(
                "connection.py",
                "            return bytes(failure)\n",
                '            self.send(bytes(failure))\n            return b""\n',
            ),
        ),
        "an unknown command among others is one error in its place",
    ),
    Fault(
        "more-words-than-asked",
        "Words beyond those that a command takes are passed over.",
        "cache/stream",
        (
            Change(
                "connection.py",
                "            if not command.least <= len(words) <= command.most:\n",
                "            if not command.least <= len(words):\n",
            ),
        ),
        "a wrong number of arguments is an error in its place",
    ),
    Fault(
        "line-end-in-an-error",
        "An error repeats the name of the command as it came, line ends and all.",
        "cache/stream",
        (
            Change(
                "replies.py",
                '        self.text = octets.replace(b"\\r", b" ").replace(b"\\n", b" ")\n',
                "        self.text = octets\n",
            ),
        ),
        "an error is one line, whatever the command was called",
    ),
    # What real clients ask.
    Fault(
        "map-as-an-array",
        "HELLO 3 is answered, but as in RESP2.",
        "cache/hello",
        (
            Change(
                "client.py",
                "        if not self.resp3:\n            return array([part",
                "        if True:\n            return array([part",
            ),
        ),
        "HELLO 3 is answered with a map",
    ),
    Fault(
        "null-of-resp2",
        "Behind HELLO 3 nothing is still the null bulk string.",
        "cache/hello",
        (
            Change(
                "client.py",
                '        return NULL if self.resp3 else b"$-1\\r\\n"\n',
                '        return b"$-1\\r\\n"\n',
            ),
        ),
        "behind HELLO 3 nothing is _",
    ),
    Fault(
        "protocol-of-the-server",
        "The version of RESP belongs to the server: one client's HELLO 3 changes it for all.",
        "cache/hello",
        (
            Change(
                "about.py",
                "        client.resp3 = greeting(client, words) == 3\n",
                "        client.resp3 = greeting(client, words) == 3\n"
                "        client.server.resp3 = client.resp3\n"
                "        for each in client.server.clients.values():\n"
                "            each.resp3 = client.resp3\n",
            ),
            Change(
                "client.py", "        self.resp3 = False\n", "        self.resp3 = server.resp3\n"
            ),
            Change(
                "server.py",
                "        self.careful = False\n",
                "        self.careful = self.resp3 = False\n",
            ),
        ),
        "RESP3 is for the connection that asked",
    ),
    Fault(
        "any-version",
        "HELLO takes a version that nobody has defined yet, and goes on with the highest it knows.",
        "cache/hello",
        (
            Change(
                "about.py",
                "    if version not in (2, 3):\n",
                "    version = min(version, 3)\n    if version not in (2, 3):\n",
            ),
        ),
        "a version that is not spoken is NOPROTO, and nothing changes",
    ),
    Fault(
        "one-name-for-all",
        "The name that a client gives its connection is kept once, for the whole server.",
        "cache/hello",
        (
            Change(
                "about.py",
                "            client.name = name\n            return OK\n",
                "            for each in client.server.clients.values():\n"
                "                each.name = name\n            return OK\n",
            ),
        ),
        "each connection has a name of its own",
    ),
    Fault(
        "quit-goes-on",
        "QUIT is answered, and the connection stays open until the client closes it.",
        "cache/hello",
        (Change("about.py", '    client.happens("QUIT")\n', ""),),
        "QUIT is answered, and then the connection is closed",
    ),
)
