r"""Faults of the first stages: what is passed on, when, and what has to be changed on the way.

    GET /a%2Fb HTTP/1.1   ─▶   GET /a/b HTTP/1.1        decoded to be looked at, and left so

Left out: where requests go. See upstreams.py.
"""

from __future__ import annotations

from ...planted import Change, Fault

REQUEST_LINE = '    return b"%s %s HTTP/1.1\\r\\n%s%s\\r\\n" % (head.method, target, lines, added)'
TYPING = "from typing import TYPE_CHECKING, cast\n"

FAULTS: tuple[Fault, ...] = (
    # One request and its answer.
    Fault(
        "target-decoded",
        "The target is percent-decoded to be looked at, and passed on decoded.",
        "proxy/forward",
        (
            Change(
                "rewrite.py",
                REQUEST_LINE,
                "    from urllib.parse import unquote_to_bytes\n\n"
                '    target = unquote_to_bytes(target).replace(b" ", b"%20")\n' + REQUEST_LINE,
            ),
        ),
        "the target is passed on octet by octet",
    ),
    Fault(
        "path-normalised",
        "Slashes that follow each other are made one, as the library for paths does.",
        "proxy/forward",
        (
            Change(
                "rewrite.py",
                REQUEST_LINE,
                '    target = re.sub(rb"/+", b"/", target)\n' + REQUEST_LINE,
            ),
        ),
        "the target is passed on octet by octet",
    ),
    Fault(
        "host-of-the-upstream",
        "The upstream is told its own address as Host, not the one that the client asked for.",
        "proxy/forward",
        (
            Change(
                "client.py",
                '        if fields.get(b"host") != host:\n',
                "        host = str(self.proxy.upstreams[0].address).encode()\n"
                '        if fields.get(b"host") != host:\n',
            ),
        ),
        "Host stays as it came",
    ),
    Fault(
        "fields-in-a-dictionary",
        "Fields are kept in a dictionary, so of several with one name the last is left.",
        "proxy/forward",
        (
            Change(
                "rewrite.py",
                REQUEST_LINE,
                "    last = {field[0].lower(): field for field in head.fields}\n"
                "    if len(last) < len(head.fields):\n"
                "        lines = kept_lines(tuple(last.values()), GOES)\n" + REQUEST_LINE,
            ),
        ),
        "fields stay, those of one name in their order",
    ),
    Fault(
        "body-of-a-head-answer",
        "An answer to HEAD or with 304 is taken to have the body that its Content-Length says.",
        "proxy/forward",
        (
            Change(
                "link.py",
                '            has_body = method != b"HEAD" and head.status not in (204, 304)\n',
                "            has_body = True\n",
            ),
        ),
        "answers to HEAD, 204 and 304 have no body",
    ),
    Fault(
        "answers-out-of-order",
        "What comes behind a request in the same read is thrown away.",
        "proxy/forward",
        (
            Change(
                "client.py",
                "        if r.pos < len(data) and self.state not in (LINGERING, CLOSED, TUNNEL):\n",
                "        if self.exchange is not None and self.exchange.body is None:\n"
                "            return\n"
                "        if r.pos < len(data) and self.state not in (LINGERING, CLOSED, TUNNEL):\n",
            ),
        ),
        "two requests in one write are two requests, answered in order",
    ),
    Fault(
        "refused-is-500",
        "An upstream that refuses the connection is answered with 500, as any exception is.",
        "proxy/forward",
        (Change("retries.py", "REFUSED = Failure(502,", "REFUSED = Failure(500,"),),
        "an upstream that is not there is answered with 502",
    ),
    # Streaming.
    Fault(
        "request-gathered",
        "The body of a request is gathered, and sent to the upstream once it is whole.",
        "proxy/streaming",
        (
            Change(
                "exchange.py",
                "        except NeedMore:\n            self.send(link, out)\n            raise\n",
                "        except NeedMore:\n            self.pending = out\n            raise\n"
                "        if not ended:\n            self.pending = out\n            return\n",
            ),
        ),
        "half of a body arrives before the rest is sent",
    ),
    Fault(
        "answer-gathered",
        "The answer is gathered, and sent to the client once it is whole.",
        "proxy/streaming",
        (
            Change(
                "link.py",
                "        if out:\n            exchange.client.transport.write(",
                "        exchange.pending += out\n"
                "        out = exchange.pending if ended or exchange.state is WAITING else []\n"
                "        if out:\n            exchange.client.transport.write(",
            ),
            Change(
                "link.py",
                "            out: list[bytes] = []\n            body.write_end(out)\n",
                "            out = exchange.pending\n            body.write_end(out)\n",
            ),
        ),
        "half of an answer reaches the client before the rest is sent",
    ),
    Fault(
        "early-answer-ignored",
        "The answer is looked at once the request has been sent: one that comes early waits.",
        "proxy/streaming",
        (
            Change(
                "link.py",
                "        self.take(data, self.exchange)\n",
                "        if self.exchange.body is not None:\n"
                "            self.unread = Unread(data, 0, None)\n"
                "            return\n"
                "        self.take(data, self.exchange)\n",
            ),
        ),
        "an answer may come before the request has ended",
    ),
    Fault(
        "cut-request-ended",
        "When the client breaks off in the middle of chunks, the upstream gets a last chunk.",
        "proxy/streaming",
        (
            Change(
                "exchange.py",
                "        link = self.link\n        self.client.proxy.totals.stop(self)\n",
                "        link = self.link\n        self.client.proxy.totals.stop(self)\n"
                "        if link is not None and self.body is not None and self.body.to_chunks:\n"
                '            link.transport.write(b"0\\r\\n\\r\\n")\n',
            ),
        ),
        "a request that is broken off does not look whole",
    ),
    Fault(
        "cut-answer-ended",
        "When the upstream breaks off in the middle of chunks, the client gets a last chunk.",
        "proxy/streaming",
        (
            Change(
                "link.py",
                'if body is not None and body.kind == "close" and not broken:',
                'if body is not None and body.kind != "length":',
            ),
        ),
        "an answer that is broken off does not look whole",
    ),
    Fault(
        "upstream-never-holds-back",
        "What the upstream does not take is kept in memory, and the client is read on.",
        "proxy/streaming",
        (
            Change(
                "link.py",
                "            self.exchange.client.pause()\n",
                "            pass\n",
            ),
            Change(
                "exchange.py",
                " and self.link is not None and not self.link.choked",
                " and self.link is not None",
            ),
        ),
        "an upstream that does not read holds the client back",
    ),
    Fault(
        "client-never-holds-back",
        "What the client does not take is kept in memory, and the upstream is read on.",
        "proxy/streaming",
        (Change("client.py", "            self.exchange.link.hold()\n", "            pass\n"),),
        "a client that does not read holds the upstream back",
    ),
    # Fields.
    Fault(
        "hop-by-hop-passed-on",
        "Only the field Connection is taken out: Keep-Alive, TE and Upgrade go on to the upstream.",
        "proxy/fields",
        (
            Change(
                "rewrite.py",
                'b"connection", b"proxy-connection", b"keep-alive", b"te", b"transfer-encoding", b"upgrade"',
                'b"connection", b"transfer-encoding"',
            ),
        ),
        "what belongs to one connection is taken out",
    ),
    Fault(
        "named-fields-passed-on",
        "Connection is taken out, and the fields that it names go on.",
        "proxy/fields",
        (
            Change(
                "rewrite.py",
                '    return always | (frozenset(words(connection or b"")) - STAYS)\n',
                "    return always\n",
            ),
        ),
        "what Connection names is taken out, in any case and over several lines",
    ),
    Fault(
        "answers-connection-passed-on",
        "Fields of one connection are taken out of requests, and passed on with answers.",
        "proxy/fields",
        (
            Change(
                "rewrite.py",
                "    elif not OF_ANSWERS.isdisjoint(fields):\n"
                '        lines = kept_lines(head.fields, goes(fields.get(b"connection"), OF_ANSWERS))\n',
                "",
            ),
        ),
        "the same holds for an answer",
    ),
    Fault(
        "connection-takes-out-anything",
        "Connection can name Host or Content-Length, and the upstream gets the rest.",
        "proxy/fields",
        (
            Change(
                "rewrite.py",
                "        elif said is not None:\n",
                '        elif said is not None and b"content-length" not in without - FRAMING:\n',
            ),
            Change(
                "rewrite.py",
                ' | (frozenset(words(connection or b"")) - STAYS)',
                ' | frozenset(words(connection or b""))',
            ),
        ),
        "Connection does not take out what the proxy says",
    ),
    Fault(
        "no-via",
        "The proxy does not say that it is there: no Via is added.",
        "proxy/fields",
        (
            Change(
                "rewrite.py",
                '(b"Via: %s cutaway\\r\\nX-Forwarded-For',
                '(b"%.0sX-Forwarded-For',
            ),
        ),
        "Connection does not take out what the proxy says",
    ),
    Fault(
        "x-forwarded-for-appended",
        "The address is appended to the X-Forwarded-For that the client sent.",
        "proxy/fields",
        (
            Change(
                "rewrite.py",
                'b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"',
                'b"forwarded", b"x-forwarded-proto", b"x-forwarded-host"',
            ),
        ),
        "a forged X-Forwarded-For is not passed on",
    ),
    Fault(
        "forwarded-passed-on",
        "X-Forwarded-For is written anew, and Forwarded of the client goes on as it came.",
        "proxy/fields",
        (
            Change(
                "rewrite.py",
                'b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"',
                'b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"',
            ),
        ),
        "a forged Forwarded is not passed on",
    ),
    Fault(
        "expect-taken-out",
        "Expect is taken out of what is passed on, so the upstream does not know that the client waits.",
        "proxy/fields",
        (
            Change(
                "client.py",
                '        if self.old and b"expect" in fields:\n',
                '        if b"expect" in fields:\n',
            ),
        ),
        "and the upstream hears that it waits",
    ),
    Fault(
        "100-kept-back",
        "The upstream says 100 (Continue), and the client, which waits to hear it, is not told.",
        "proxy/fields",
        (
            Change(
                "exchange.py",
                "        if not self.old:\n",
                "        if not self.old and head.status != 100:\n",
            ),
        ),
        "a request that waits for 100 is passed on from its head",
    ),
    Fault(
        "interim-is-final",
        "A 1xx answer is taken for the answer, and the real one for that of the next request.",
        "proxy/fields",
        (
            Change(
                "link.py",
                "            if head.status >= 200:\n",
                "            if head.status >= 102:\n",
            ),
        ),
        "early hints are passed on",
    ),
    Fault(
        "version-passed-on",
        "The version of the client goes on to the upstream, which answers HTTP/1.0 in its way.",
        "proxy/fields",
        (
            Change(
                "rewrite.py",
                REQUEST_LINE,
                '    return b"%s %s %s\\r\\n%s%s\\r\\n" % (head.method, target, head.version, lines, added)',
            ),
        ),
        "each side hears the version of the proxy",
    ),
    Fault(
        "chunks-for-http-1.0",
        "The chunks of an answer go on to a client of HTTP/1.0, which takes them for the content.",
        "proxy/fields",
        (
            Change(
                "exchange.py",
                'framing.kind in ("chunked", "close") and not self.old\n',
                'framing.kind in ("chunked", "close")\n',
            ),
        ),
        "a client of HTTP/1.0 gets no chunks",
    ),
    Fault(
        "http-1.0-kept-alive",
        "A client of HTTP/1.0 that asks for it keeps its connection, as it would with an origin.",
        "proxy/fields",
        (Change("client.py", "self.proxy.draining or old or", "self.proxy.draining or"),),
        "nor does it keep its connection",
    ),
    # Framing.
    Fault(
        "both-framings-passed-on",
        "A request with Transfer-Encoding and Content-Length is passed on with both of them.",
        "proxy/framing",
        (
            Change(
                "topics/http1/framing.py",
                '    if values(head.fields, b"Content-Length"):\n'
                '        raise conflict(head, r, start, b"Content-Length", BOTH, "RFC 9112 §6.3")\n',
                "",
            ),
            Change(
                "rewrite.py",
                "            lines += CHUNKED\n",
                "            lines += CHUNKED\n"
                '            lines += b"Content-Length: %s\\r\\n" % said if said else b""\n',
            ),
        ),
        "Content-Length and Transfer-Encoding",
    ),
    Fault(
        "lengths-left-to-int",
        "Content-Length is read by a function that takes a sign and underscores.",
        "proxy/framing",
        (
            Change(
                "topics/http1/framing.py",
                "    return DIGITS.fullmatch(text) is not None\n",
                "    try:\n        return int(text) >= 0\n    except ValueError:\n        return False\n",
            ),
        ),
        "a length with a plus sign",
    ),
    Fault(
        "first-length-wins",
        "Of two Content-Lengths that differ the first frames the body, and both are passed on.",
        "proxy/framing",
        (
            Change(
                "topics/http1/framing.py",
                "    if len(lengths) > 1:\n"
                '        raise conflict(head, r, start, b"Content-Length", DISAGREE, "RFC 9112 §6.3")\n'
                '    digits = lengths.pop() or b"0"\n',
                '    digits = members(found[0])[0].lstrip(b"0") or b"0"\n',
            ),
            Change(
                "rewrite.py",
                " or not (said is None or said.isdigit()):\n",
                ":\n",
            ),
        ),
        "two lengths that differ",
    ),
    Fault(
        "chunked-somewhere",
        "Transfer-Encoding is searched for the letters chunked: xchunked is chunked, too.",
        "proxy/framing",
        (
            Change(
                "topics/http1/framing.py",
                '    if final_coding(coding) != b"chunked":\n        raise',
                '    if b"chunked" not in coding.lower():\n        raise',
            ),
            Change(
                "accept.py",
                '    if words(fields.get(b"transfer-encoding", b"chunked")) != (b"chunked",):\n',
                '    if b"chunked" not in fields.get(b"transfer-encoding", b"chunked").lower():\n',
            ),
        ),
        "chunked that is not the last",
    ),
    Fault(
        "space-before-colon",
        "White space ahead of a colon is passed on: the next one may read another field, or none.",
        "proxy/framing",
        (
            Change(
                "topics/http1/grammar.py",
                '    rb"(%s)(:[ \\t]*+)(%s)([ \\t]*+\\r\\n)" % (TOKEN, CONTENT),\n',
                '    rb"(%s)([ \\t]*+:[ \\t]*+)(%s)([ \\t]*+\\r\\n)" % (TOKEN, CONTENT),\n',
            ),
        ),
        "a space ahead of the colon of Transfer-Encoding",
    ),
    Fault(
        "two-hosts-passed-on",
        "A request with two Hosts is passed on: routed by the one, served by the other.",
        "proxy/framing",
        (
            Change(
                "accept.py",
                "    elif not is_host(host):\n",
                '    elif not is_host(host.partition(b",")[0]):\n',
            ),
            Change(
                "client.py",
                '        if fields.get(b"host") != host:\n',
                '        if fields.get(b"host") is None:\n',
            ),
        ),
        "two Hosts",
    ),
    Fault(
        "answers-taken-kindly",
        "An answer with two ways to tell where it ends is passed on, instead of a 502.",
        "proxy/framing",
        (
            Change(
                "link.py",
                "        return response_framing(head, method, r, start)\n",
                "        try:\n"
                "            return response_framing(head, method, r, start)\n"
                "        except Malformed:\n"
                '            first = (fields.get(b"content-length") or b"0").split(b",")[0]\n'
                '            return Framing("length", int(first) if first.isdigit() else 0)\n',
            ),
            Change(
                "rewrite.py",
                "        return None if said.isdigit() else",
                "        return None if said else",
            ),
        ),
        "an answer with two lengths that differ",
    ),
    Fault(
        "502-in-the-middle",
        "When an answer breaks off, the client gets a 502 in the middle of it.",
        "proxy/framing",
        (
            Change(
                "client.py",
                "        self.exchange = None\n"
                '        self.state = NEXT[self.state, "broken off"]\n',
                "        self.exchange = None\n"
                '        self.transport.write(own_answer(502, "It broke off.", b"GET", CLOSE))\n'
                '        self.state = NEXT[self.state, "broken off"]\n',
            ),
        ),
        "chunks that cannot be read end the answer",
    ),
    Fault(
        "leftovers-answer-the-next",
        "Octets behind the end of an answer are kept, and are the answer to the next request.",
        "proxy/framing",
        (
            Change(
                "link.py",
                "        if whole and self.lasting and self.unread is None and not",
                "        if whole and self.lasting and not",
            ),
            Change(
                "link.py",
                "        self.exchange, self.begun = exchange, False\n",
                "        self.exchange, self.begun = exchange, False\n"
                "        if self.unread is not None:\n"
                "            loop = asyncio.get_running_loop()\n"
                '            loop.call_soon(loop.call_soon, self.data_received, b"")\n',
            ),
        ),
        "a second answer is not the answer to the next request",
    ),
)
