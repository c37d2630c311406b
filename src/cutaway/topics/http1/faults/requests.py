r"""Faults of the first stages: one answer, paths, header fields, the stream.

    "Content-Length: %d\r\n" % len("café")         4, and the body has 5 octets

Left out: bodies. Until they are asked for, a request ends at its blank line.
"""

from __future__ import annotations

from ...planted import Change, Fault

FAULTS: tuple[Fault, ...] = (
    # A first answer.
    Fault(
        "lines-end-with-lf",
        "The lines of an answer end with LF alone, as println writes them.",
        "http1/first-response",
        (
            Change(
                "answer.py",
                '    return b"%s%s%s\\r\\n" % (line, answer.fields, length)',
                '    head = b"%s%s%s\\r\\n" % (line, answer.fields, length)\n'
                '    return head.replace(b"\\r\\n", b"\\n")',
            ),
        ),
        "GET / is answered with 200",
    ),
    Fault(
        "sent-with-its-nul",
        "The body is sent with the NUL that ends a string in C, and Content-Length does not count"
        " it.",
        "http1/first-response",
        (Change("connection.py", "out.append(answer.body)", 'out.append(answer.body + b"\\0")'),),
        "GET / is answered with 200",
    ),
    Fault(
        "a-read-is-a-request",
        "One read is taken for one request: what does not end with this read is refused.",
        "http1/first-response",
        (
            Change(
                "connection.py",
                "            need = more\n",
                "            need = more\n"
                "            if self.state is not BODY:\n"
                '                self.refuse(text(400, "This is no request."), out)\n',
            ),
            Change(
                "connection.py",
                "            if r.pos < len(data):\n                self.wait_for_the_rest()\n",
                "",
            ),
        ),
        "the answer ends where its framing says",
    ),
    Fault(
        "blank-line-in-one-read",
        "The blank line is looked for in the newest octets only, so one that two reads bring is"
        " never found.",
        "http1/first-response",
        (
            Change(
                "connection.py",
                "self.since = max(0, len(self.kept) - 3)",
                "self.since = len(self.kept)",
            ),
        ),
        "the answer ends where its framing says",
    ),
    Fault(
        "speaks-http-1.0",
        "The status line says HTTP/1.0, as the library does unless it is told otherwise.",
        "http1/first-response",
        (Change("answer.py", 'b"HTTP/1.1 %d %s\\r\\n"', 'b"HTTP/1.0 %d %s\\r\\n"'),),
        "the status line says HTTP/1.1",
    ),
    # Paths and methods.
    Fault(
        "length-in-characters",
        "Content-Length counts the characters of the body, not its octets.",
        "http1/paths",
        (
            Change(
                "answer.py",
                "% len(answer.body)\n",
                '% len(answer.body.decode("utf-8", "replace"))\n',
            ),
        ),
        "what is percent-encoded comes back as octets",
    ),
    Fault(
        "decoded-before-split",
        "The path is percent-decoded before it is split, so an encoded slash ends a segment.",
        "http1/paths",
        (
            Change(
                "target.py",
                '    segments = path.split(b"/")[1:]\n'
                '    return [decode(one) for one in segments] if b"%" in path else segments',
                '    return decode(path).split(b"/")[1:]',
            ),
        ),
        "an encoded slash is part of the word",
    ),
    Fault(
        "decoded-twice",
        "A segment is percent-decoded twice, once by the router and once by the handler.",
        "http1/paths",
        (
            Change(
                "app.py",
                "return Answer(200, asked.target.segments[1], TEXT)",
                "return Answer(200, decode(asked.target.segments[1]), TEXT)",
            ),
            Change(
                "app.py",
                "from .target import Target, number_in, read_target",
                "from .target import Target, decode, number_in, read_target",
            ),
        ),
        "decoding is done once",
    ),
    Fault(
        "plus-is-space",
        "Paths are decoded by a function for forms, which makes a space of a plus sign.",
        "http1/paths",
        (
            Change(
                "target.py",
                "    return ENCODED.sub(lambda found: bytes([int(found[1], 16)]), text)",
                '    text = text.replace(b"+", b" ")\n'
                "    return ENCODED.sub(lambda found: bytes([int(found[1], 16)]), text)",
            ),
            Change("target.py", ' if b"%" in path else segments', ""),
        ),
        "a plus sign is no space",
    ),
    Fault(
        "query-left-on",
        "The query is not cut off before the path is split.",
        "http1/paths",
        (
            Change(
                "target.py",
                "        path, query = found.groups()\n"
                '        return Target(split(path), query or b"")',
                "        _, query = found.groups()\n"
                '        return Target(split(target), query or b"")',
            ),
            # The routes that read their query are still found, as they would be by a prefix.
            Change(
                "app.py",
                "methods = ROUTES.get((segments[0], len(segments)))",
                'methods = ROUTES.get((segments[0].partition(b"?")[0], len(segments)))',
            ),
        ),
        "a query is not part of the word",
    ),
    Fault(
        "405-without-allow",
        "405 is answered without the Allow field that says which methods there are.",
        "http1/paths",
        (
            Change(
                "app.py",
                '    fields = b"Allow: %s\\r\\n" % allowed\n',
                '    fields = b""\n',
            ),
        ),
        "a method that / does not have is 405, and Allow lists GET",
    ),
    Fault(
        "head-with-a-body",
        "HEAD is answered by the function for GET, and the body goes out with it.",
        "http1/paths",
        (
            Change(
                "connection.py",
                'if asked.method == b"HEAD" or answer.status in NO_CONTENT:',
                "if answer.status in NO_CONTENT:",
            ),
        ),
        "nothing follows the blank line of an answer to HEAD",
    ),
    Fault(
        "head-of-length-0",
        "The answer to HEAD counts what it sends, and says Content-Length: 0.",
        "http1/paths",
        (
            Change(
                "connection.py",
                "        out.append(write_head(answer, asked.old, self.state is LAST))\n",
                '        if asked.method == b"HEAD" and isinstance(answer.body, bytes):\n'
                '            answer.body = b""\n'
                "        out.append(write_head(answer, asked.old, self.state is LAST))\n",
            ),
        ),
        "the length in an answer to HEAD is that of GET",
    ),
    # Header fields.
    Fault(
        "no-date",
        "Answers do not say when they were made.",
        "http1/headers",
        (
            Change(
                "answer.py",
                '        line = status_line(status) + b"Date: %s\\r\\n" % http_date(self.until - 1)\n',
                "        line = status_line(status)\n",
            ),
        ),
        "an answer says when it was made",
    ),
    Fault(
        "names-as-browsers-write-them",
        "Field names are looked up as browsers write them, so X-PrObE is another name than"
        " X-Probe.",
        "http1/headers",
        (
            Change(
                "accept.py",
                "found = {name.lower(): value for name, value in fields}",
                "fields = tuple((n.lower() if n == n.title() else n, v) for n, v in fields)\n"
                "    found = dict(fields)",
            ),
            Change(
                "accept.py",
                "found.setdefault(name.lower(), []).append(value)",
                "found.setdefault(name, []).append(value)",
            ),
        ),
        "a name is lower-cased, a value is not",
    ),
    Fault(
        "one-space-is-skipped",
        "One space behind the colon is skipped, and any other white space stays in the value.",
        "http1/headers",
        (
            Change(
                "grammar.py",
                'rb"(%s)(:[ \\t]*+)(%s)([ \\t]*+\\r\\n)" % (TOKEN, CONTENT)',
                'rb"(%s)(: ?)(%s)([ \\t]*+\\r\\n)" % (TOKEN, CONTENT)',
            ),
        ),
        "white space around a value is no part of it",
    ),
    Fault(
        "split-at-colon-space",
        "Field lines are split at a colon and a space, so a line without the space is refused.",
        "http1/headers",
        (
            Change(
                "grammar.py",
                'rb"(%s)(:[ \\t]*+)(%s)([ \\t]*+\\r\\n)" % (TOKEN, CONTENT)',
                'rb"(%s)(:[ \\t]++)(%s)([ \\t]*+\\r\\n)" % (TOKEN, CONTENT)',
            ),
        ),
        "no white space is needed behind the colon",
    ),
    Fault(
        "split-at-every-colon",
        "A field line is split at every colon, and the second part is taken for the value.",
        "http1/headers",
        (
            Change(
                "accept.py",
                "    return found if len(found) == len(fields) else join(fields)",
                "    found = found if len(found) == len(fields) else join(fields)\n"
                '    return {name: value.partition(b":")[0] for name, value in found.items()}',
            ),
        ),
        "a value may hold colons",
    ),
    Fault(
        "last-line-wins",
        "Fields are kept in a map, and the last of several lines of one name is left.",
        "http1/headers",
        (
            Change(
                "accept.py",
                "    return found if len(found) == len(fields) else join(fields)",
                "    return found",
            ),
        ),
        "a repeated field keeps its values, in order",
    ),
    Fault(
        "values-are-utf-8",
        "Field values are decoded as UTF-8, and what is not becomes a question mark.",
        "http1/headers",
        (
            Change(
                "app.py",
                'lines = [b"%s: %s\\n" % field for field in asked.fields.items()]',
                'lines = [b"%s: %s\\n" % field for field in asked.fields.items()]\n'
                '    lines = [line.decode("utf-8", "replace").encode() for line in lines]',
            ),
        ),
        "octets beyond ASCII come back as they were",
    ),
    # The stream.
    Fault(
        "rest-thrown-away",
        "What stands behind the first request of a read is thrown away.",
        "http1/stream",
        (
            Change(
                "connection.py",
                "                if r.pos >= len(data) or self.state not in TAKING:\n",
                "                if self.state is not BODY:\n"
                "                    r.pos = len(data)\n"
                "                if r.pos >= len(data) or self.state not in TAKING:\n",
            ),
        ),
        "two requests in one write are two requests",
    ),
    Fault(
        "rest-waits-for-a-read",
        "What stands behind a request is kept, but only looked at when the next read brings more.",
        "http1/stream",
        (
            Change(
                "connection.py",
                "                if r.pos >= len(data) or self.state not in TAKING:\n",
                "                if r.pos >= len(data) or self.state is not BODY:\n",
            ),
        ),
        "two requests in one write are two requests",
    ),
    Fault(
        "fast-answers-first",
        "Each request is answered when its answer is ready, so a quick one overtakes a slow one.",
        "http1/stream",
        (
            Change(
                "connection.py",
                "            self.exchange = sending = Sending(asked, answer)\n"
                "            loop = asyncio.get_running_loop()\n"
                "            sending.timer = loop.call_later(answer.wait, self.deliver, sending)\n",
                "            late: list[bytes] = []\n"
                "            self.say(asked, answer, late)\n"
                "            loop = asyncio.get_running_loop()\n"
                '            loop.call_later(answer.wait, self.transport.write, b"".join(late))\n',
            ),
        ),
        "a slow answer is not overtaken",
    ),
)
