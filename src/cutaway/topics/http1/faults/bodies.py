r"""Faults of framing: how long a connection lasts, where a body ends, what is refused.

    Content-Length: 44
    Transfer-Encoding: chunked      whoever looks at one of them only has another body

Left out: what is done with a body; see stored.py.
"""

from __future__ import annotations

from ...planted import Change, Fault

IN_CLOSE = 'if b"close" in options:'

FAULTS: tuple[Fault, ...] = (
    # How long a connection lasts.
    Fault(
        "never-says-close",
        "The connection is closed without a word: the last answer does not say close.",
        "http1/keep-alive",
        (Change("answer.py", 'return b"Connection: close\\r\\n"', 'return b""'),),
        "the last answer says close",
    ),
    Fault(
        "close-letter-by-letter",
        "Connection is compared letter by letter, so only close in small letters closes.",
        "http1/keep-alive",
        (Change("accept.py", IN_CLOSE, 'if value == b"close":'),),
        "Close in capitals is close",
    ),
    Fault(
        "close-alone",
        "Connection is taken for one word, so close within a list is missed.",
        "http1/keep-alive",
        (Change("accept.py", IN_CLOSE, 'if value.lower() == b"close":'),),
        "close may be one of several options",
    ),
    Fault(
        "close-anywhere",
        "Connection is searched for the letters of close, and they are found in other words.",
        "http1/keep-alive",
        (Change("accept.py", IN_CLOSE, 'if b"close" in value.lower():'),),
        "an option with close inside it is another option",
    ),
    Fault(
        "old-clients-kept",
        "The version is not looked at: an HTTP/1.0 client waits for a close that never comes.",
        "http1/keep-alive",
        (
            Change(
                "accept.py",
                "    if value is None:\n        return old",
                "    if value is None:\n        return False",
            ),
        ),
        "HTTP/1.0 closes after its answer",
    ),
    Fault(
        "two-versions-known",
        "Versions are compared with HTTP/1.0 and HTTP/1.1, and every other one is refused.",
        "http1/keep-alive",
        (
            Change(
                "accept.py",
                'if not version.startswith(b"HTTP/1."):',
                'if version not in (b"HTTP/1.0", b"HTTP/1.1"):',
            ),
        ),
        "HTTP/1.2 is served like HTTP/1.1",
    ),
    Fault(
        "empty-line-refused",
        "An empty line ahead of a request is taken for a request line, and refused.",
        "http1/keep-alive",
        (Change("heads.py", "if r.match(grammar.EMPTY_LINES_SHAPE):", "if False:"),),
        "an empty line ahead of a request is ignored",
    ),
    Fault(
        "reset-ends-the-program",
        "The error of one connection is caught nowhere, and ends the program.",
        "http1/keep-alive",
        (
            Change(
                "connection.py",
                "        self.state = CLOSED\n        self.drop_exchange()\n",
                "        self.state = CLOSED\n"
                "        if error is not None:\n"
                "            raise SystemExit(str(error))\n"
                "        self.drop_exchange()\n",
            ),
        ),
        "a client that resets the connection harms nobody",
    ),
    # Bodies by Content-Length.
    Fault(
        "one-allow-for-all",
        "Every 405 lists the methods of the paths that are read only.",
        "http1/bodies",
        (
            Change(
                "app.py",
                '    allowed = b", ".join([*methods, b"HEAD"] if b"GET" in methods else [*methods])\n',
                '    allowed = b"GET, HEAD"\n',
            ),
        ),
        "GET of /echo is 405, and Allow lists POST",
    ),
    Fault(
        "body-in-one-read",
        "What the first read of a body brings is taken for all of it.",
        "http1/bodies",
        (
            Change(
                "body.py",
                "        self.read_data(r)\n        return self.left == 0",
                "        self.read_data(r)\n        return True",
            ),
        ),
        "a body may come after its head",
    ),
    Fault(
        "body-only-with-its-head",
        "Only what the read of the head brought along is body: one that comes later is stored"
        " empty.",
        "http1/bodies",
        (
            Change(
                "connection.py",
                "        if request.incoming.is_empty():\n",
                "        if not request.incoming.chunked and not is_waiting(asked, r):\n"
                "            request.incoming.left = len(r.ahead(request.incoming.left))\n"
                "        if request.incoming.is_empty():\n",
            ),
        ),
        "a body may come after its head",
    ),
    Fault(
        "body-is-text",
        "The body is decoded as UTF-8 and encoded again, and what was no text is lost.",
        "http1/bodies",
        (
            Change(
                "body.py",
                "        self.size += len(data)\n",
                '        data = data.decode("utf-8", "replace").encode()\n'
                "        self.size += len(data)\n",
            ),
        ),
        "each of the 256 octets comes back",
    ),
    Fault(
        "get-has-no-body",
        "A body is read for POST and PUT only; that of a GET is taken for the next request.",
        "http1/bodies",
        (
            Change(
                "connection.py",
                '        if b"content-length" in fields or b"transfer-encoding" in fields:\n',
                '        framed = b"content-length" in fields or b"transfer-encoding" in fields\n'
                '        if framed and asked.method in (b"POST", b"PUT"):\n',
            ),
        ),
        "the body of a GET is no request",
    ),
    Fault(
        "refused-when-read",
        "A body that is too large is read to its end, and refused then.",
        "http1/bodies",
        (
            Change(
                "body.py",
                "        if self.left > self.room:\n"
                "            sink.close()\n"
                "            raise Refused(grammar.LENGTH, self.room)\n",
                "        self.room -= self.left\n",
            ),
            Change(
                "body.py",
                "        self.read_data(r)\n        return self.left == 0",
                "        self.read_data(r)\n"
                "        if self.left == 0 and self.room < 0:\n"
                "            raise Refused(grammar.LENGTH, self.sink.limit)\n"
                "        return self.left == 0",
            ),
        ),
        "a length above 1 GiB is refused unread",
    ),
    Fault(
        "length-in-32-bits",
        "The length is kept in 32 bits, and what does not fit is cut off.",
        "http1/bodies",
        (
            Change(
                "framing.py",
                'return Framing("length", int(digits))',
                'return Framing("length", int(digits) & 0xFFFFFFFF)',
            ),
        ),
        "a length that 32 bits cannot hold, too",
    ),
    Fault(
        "one-limit-for-the-head",
        "The head has one limit for all of it, so a target that is too long is called too many"
        " fields.",
        "http1/bodies",
        (Change("connection.py", "Limits(target=16_384,", "Limits(target=1 << 20,"),),
        "a target of 64 KiB is 414",
    ),
    Fault(
        "head-without-a-limit",
        "The header fields are kept as long as more of them come, however many there are.",
        "http1/bodies",
        (Change("connection.py", "head=65_536,", "head=1 << 30,"),),
        "a header block of 128 KiB is 431",
    ),
    # Chunks.
    Fault(
        "size-in-decimal",
        "A chunk size is read as a decimal number, up to the first letter.",
        "http1/chunked",
        (
            Change(
                "chunks.py",
                "    return int(digits, 16)",
                '    decimal = re.match(rb"[0-9]*", digits)\n'
                '    return int(decimal[0] or b"0") if decimal else 0',
            ),
        ),
        "a size is hexadecimal, in capitals",
    ),
    Fault(
        "coding-letter-by-letter",
        "The name of the transfer coding is compared letter by letter.",
        "http1/chunked",
        (
            Change(
                "accept.py",
                'if words(fields.get(b"transfer-encoding", b"chunked")) != (b"chunked",):',
                'if fields.get(b"transfer-encoding", b"chunked") != b"chunked":',
            ),
        ),
        "Chunked in capitals is chunked",
    ),
    Fault(
        "size-with-its-extension",
        "The whole line is taken for the size of a chunk, extensions with it, and is no number"
        " then.",
        "http1/chunked",
        (
            Change(
                "chunks.py",
                "    return int(digits, 16)",
                "    if extension:\n"
                '        raise r.fail(grammar.SIZE, start, 16, "this is no number")\n'
                "    return int(digits, 16)",
            ),
        ),
        "an extension is ignored",
    ),
    Fault(
        "trailers-left",
        "The body ends at the chunk of size 0: trailer fields are left and taken for a request.",
        "http1/chunked",
        (
            Change(
                "body.py",
                "            read_trailers(r, self.limits)\n",
                "            if r.ahead(1) in (b'', b'\\r'):\n"
                "                read_trailers(r, self.limits)\n",
            ),
        ),
        "the message ends behind its trailer fields",
    ),
    Fault(
        "trailers-are-headers",
        "Trailer fields are put among the header fields, and replace them.",
        "http1/chunked",
        (
            Change("body.py", '"sink", "started")', '"sink", "started", "trailers")'),
            Change(
                "body.py",
                "        self.started = False\n        if",
                "        self.started = False\n"
                "        self.trailers: tuple[tuple[bytes, bytes], ...] = ()\n"
                "        if",
            ),
            Change(
                "body.py",
                "            read_trailers(r, self.limits)\n",
                "            self.trailers = read_trailers(r, self.limits)\n",
            ),
            Change(
                "connection.py",
                "            answer = request.route.handler(request.asked)\n",
                "            request.asked.fields.update(index(request.incoming.trailers))\n"
                "            answer = request.route.handler(request.asked)\n",
            ),
        ),
        "a trailer field does not replace a header field",
    ),
    Fault(
        "chunks-without-an-end",
        "The chunk of size 0 that ends a body is never sent.",
        "http1/chunked",
        (Change("answer.py", '    yield b"0\\r\\n\\r\\n"\n', ""),),
        "three chunks are answered, and their end is marked",
    ),
    Fault(
        "chunks-for-everybody",
        "Chunks are sent to HTTP/1.0 clients too, which take the sizes for text.",
        "http1/chunked",
        (
            Change(
                "answer.py",
                'return b"" if old else b"Transfer-Encoding: chunked\\r\\n"',
                'return b"Transfer-Encoding: chunked\\r\\n"',
            ),
            Change(
                "app.py",
                "if answer.length is not None or old else",
                "if answer.length is not None else",
            ),
        ),
        "an HTTP/1.0 client gets no chunks",
    ),
    Fault(
        "chunks-not-added-up",
        "Each chunk is held against the limit, and never all of them together.",
        "http1/chunked",
        (Change("body.py", "        self.room -= size\n", ""),),
        "a body that does not end is refused before it passes 64 MiB",
    ),
    # Expect: 100-continue.
    Fault(
        "never-100",
        "Expect is not looked at: the client waits for 100, and the server for the body.",
        "http1/expect-continue",
        (
            Change(
                "connection.py",
                "        elif is_waiting(asked, r):\n            out.append(CONTINUE)\n",
                "",
            ),
        ),
        "100 comes before the body",
    ),
    Fault(
        "expect-letter-by-letter",
        "The value of Expect is compared letter by letter, and 100-CONTINUE is refused.",
        "http1/expect-continue",
        (
            Change(
                "accept.py",
                'fields.get(b"expect", b"100-continue").lower() !=',
                'fields.get(b"expect", b"100-continue") !=',
            ),
        ),
        "100-Continue in capitals is an expectation, too",
    ),
    Fault(
        "100-before-the-limits",
        "100 is sent before the length is looked at, so a body is asked for that will be refused.",
        "http1/expect-continue",
        (
            Change(
                "connection.py",
                "            accept.check_expect(fields)\n",
                "            accept.check_expect(fields)\n"
                "            if is_waiting(asked, r) and (framing.length or framing.kind =="
                ' "chunked"):\n'
                "                out.append(CONTINUE)\n",
            ),
            Change(
                "connection.py",
                "        elif is_waiting(asked, r):\n            out.append(CONTINUE)\n",
                "",
            ),
        ),
        "413 comes instead of 100",
    ),
    Fault(
        "100-for-old-clients",
        "100 is sent to an HTTP/1.0 client too, which takes it for the answer.",
        "http1/expect-continue",
        (
            Change(
                "connection.py",
                'return b"expect" in asked.fields and not asked.old and not r.ahead(1)',
                'return b"expect" in asked.fields and not r.ahead(1)',
            ),
        ),
        "an HTTP/1.0 client is never sent 100",
    ),
    # What is refused.
    Fault(
        "length-before-chunks",
        "Transfer-Encoding is not looked at where there is a Content-Length.",
        "http1/refusals",
        (
            Change(
                "framing.py",
                "    if coding is None:\n        return length_framing(head, NO_BODY, r, start)\n",
                '    if coding is None or values(head.fields, b"Content-Length"):\n'
                "        return length_framing(head, NO_BODY, r, start)\n",
            ),
        ),
        "behind Content-Length and Transfer-Encoding nothing is answered",
    ),
    Fault(
        "chunks-before-length",
        "Content-Length is not looked at where there is a Transfer-Encoding, and the connection"
        " goes on.",
        "http1/refusals",
        (
            Change(
                "framing.py",
                '    if values(head.fields, b"Content-Length"):\n'
                '        raise conflict(head, r, start, b"Content-Length", BOTH, "RFC 9112 §6.3")\n',
                "",
            ),
        ),
        "behind Content-Length and Transfer-Encoding nothing is answered",
    ),
    Fault(
        "first-length-wins",
        "Of several lengths the first one counts, and the others are not looked at.",
        "http1/refusals",
        (
            Change(
                "framing.py",
                "    if len(lengths) > 1:\n"
                '        raise conflict(head, r, start, b"Content-Length", DISAGREE,'
                ' "RFC 9112 §6.3")\n'
                '    digits = lengths.pop() or b"0"\n',
                '    digits = members(found[0])[0].lstrip(b"0") or b"0"\n',
            ),
        ),
        "two lengths that differ",
    ),
    Fault(
        "int-reads-lengths",
        "A length is whatever int() takes, which is +5 and 0_5, too.",
        "http1/refusals",
        (
            Change(
                "framing.py",
                "    return DIGITS.fullmatch(text) is not None",
                "    try:\n"
                "        return int(text) >= 0\n"
                "    except ValueError:\n"
                "        return False",
            ),
        ),
        "a length with a plus sign",
    ),
    Fault(
        "length-in-64-bits",
        "The length is kept in 64 bits, and what does not fit is cut off.",
        "http1/refusals",
        (
            Change(
                "framing.py",
                "    if len(digits) > 19 or int(digits) > LARGEST_LENGTH:\n"
                "        raise Refused(grammar.LENGTH, LARGEST_LENGTH, start)\n"
                '    return Framing("length", int(digits))',
                '    return Framing("length", int(digits) % 2**64)',
            ),
        ),
        "a length that is 5 in 64 bits",
    ),
    Fault(
        "chunked-anywhere",
        "Transfer-Encoding is searched for the letters of chunked, wherever they stand.",
        "http1/refusals",
        (
            Change(
                "framing.py",
                '    if final_coding(coding) != b"chunked":\n',
                '    if b"chunked" not in coding.lower():\n',
            ),
            Change(
                "accept.py",
                'if words(fields.get(b"transfer-encoding", b"chunked")) != (b"chunked",):',
                'if b"chunked" not in fields.get(b"transfer-encoding", b"chunked").lower():',
            ),
        ),
        "chunked that is not the last",
    ),
    Fault(
        "int-reads-sizes",
        "A chunk size is whatever int() takes, which is +5, 0x5 and 0_5, too.",
        "http1/refusals",
        (
            Change(
                "chunks.py",
                "    found = r.match(grammar.CHUNK_LINE_SHAPE)\n"
                "    if found is None:\n"
                "        raise unfinished_chunk_line(r, start, limits)\n"
                "    digits, extension = found\n",
                "    digits, _, extension = r.line(grammar.SIZE, 8192).partition(b';')\n"
                "    try:\n"
                "        int(digits, 16)\n"
                "    except ValueError:\n"
                '        raise r.fail(grammar.SIZE, start, 16, "this is no number") from None\n',
            ),
        ),
        "a chunk size with a plus sign",
    ),
    Fault(
        "size-in-32-bits",
        "A chunk size is kept in 32 bits, and what does not fit is cut off.",
        "http1/refusals",
        (Change("chunks.py", "return int(digits, 16)", "return int(digits, 16) & 0xFFFFFFFF"),),
        "a chunk size that is 5 in 32 bits",
    ),
    Fault(
        "two-octets-skipped",
        "Behind the data of a chunk two octets are skipped without a look at them.",
        "http1/refusals",
        (
            Change(
                "chunks.py",
                "    if r.match(grammar.CHUNK_END_SHAPE):\n        return\n",
                "    if len(r.ahead(2)) == 2:\n"
                "        r.take(2, grammar.CHUNK_END)\n"
                "        return\n",
            ),
        ),
        "two other octets where CR LF should be",
    ),
    Fault(
        "space-before-the-colon",
        "White space between a field name and its colon is trimmed off.",
        "http1/refusals",
        (
            Change(
                "grammar.py",
                'rb"(%s)(:[ \\t]*+)(%s)([ \\t]*+\\r\\n)" % (TOKEN, CONTENT)',
                'rb"(%s)([ \\t]*+:[ \\t]*+)(%s)([ \\t]*+\\r\\n)" % (TOKEN, CONTENT)',
            ),
        ),
        "a space between name and colon",
    ),
    Fault(
        "lines-are-trimmed",
        "Each line is trimmed before it is split, so a folded line becomes a field of its own.",
        "http1/refusals",
        (
            Change(
                "grammar.py",
                'rb"(%s)(:[ \\t]*+)(%s)([ \\t]*+\\r\\n)" % (TOKEN, CONTENT)',
                'rb"[ \\t]*+(%s)(:[ \\t]*+)(%s)([ \\t]*+\\r\\n)" % (TOKEN, CONTENT)',
            ),
        ),
        "a folded line is no field",
    ),
    Fault(
        "host-not-missed",
        "A request without Host is served: nobody asks for the field.",
        "http1/refusals",
        (Change("accept.py", "        if not old:\n", "        if False:\n"),),
        "no Host",
    ),
    Fault(
        "last-host-wins",
        "Of two Host lines the last one counts, and nothing is said about the other.",
        "http1/refusals",
        (
            Change(
                "accept.py",
                "    elif not is_host(host):\n",
                '    elif not is_host(host.rpartition(b", ")[2]):\n',
            ),
        ),
        "two Hosts",
    ),
    Fault(
        "any-version",
        "Whatever begins with HTTP/ is taken for a version that is spoken here.",
        "http1/refusals",
        (
            Change(
                "accept.py",
                'if not version.startswith(b"HTTP/1."):',
                'if not version.startswith(b"HTTP/"):',
            ),
        ),
        "HTTP/2.0 in a request line",
    ),
    Fault(
        "open-after-400",
        "After 400 the connection stays open, though nobody knows where the next request begins.",
        "http1/refusals",
        (
            Change(
                "connection.py",
                '        self.state = NEXT[self.state, "refused"]\n',
                '        self.state = IDLE if answer.status == 400 else NEXT[self.state, "refused"]\n',
            ),
        ),
        "behind Content-Length and Transfer-Encoding nothing is answered",
    ),
    Fault(
        "only-paths",
        "A target has to begin with a slash, so one in absolute-form is refused.",
        "http1/refusals",
        (
            Change(
                "target.py",
                "    return read_absolute(target)\n",
                '    raise BadTarget("a target begins with a slash")\n',
            ),
        ),
        "a target in absolute-form is accepted",
    ),
)
