r"""Faults of the stages in the middle: routes, the pool, balancing, timeouts.

    "/apix".startswith("/api")          and a neighbour's service gets the request

Left out: what is passed on, and in which form. See messages.py.
"""

from __future__ import annotations

from ...planted import Change, Fault

TURN = "        self.turn += 1\n        return among[self.turn % len(among)]\n"

FAULTS: tuple[Fault, ...] = (
    # Routes.
    Fault(
        "prefix-of-characters",
        "A prefix is compared by characters, so /api takes /apix too.",
        "proxy/routes",
        (
            Change(
                "routes.py",
                'path == prefix or path.startswith(prefix + b"/")',
                "path.startswith(prefix)",
            ),
        ),
        "a part of a segment is no prefix",
    ),
    Fault(
        "first-route-wins",
        "The first route in the list that fits is taken, however short its path is.",
        "proxy/routes",
        (
            Change(
                "routes.py",
                "    return sorted(routes, key=lambda one: (one.route.host is None, -len(one.route.path)))\n",
                "    return list(routes)\n",
            ),
        ),
        "the longer path comes first, wherever it stands in the list",
    ),
    Fault(
        "prefix-kept",
        "The prefix is put ahead of what replaces it, instead of being replaced.",
        "proxy/routes",
        (
            Change(
                "routes.py",
                ' = self.route.replace.rstrip(b"/") + target[len(self.route.path) :]',
                ' = self.route.replace.rstrip(b"/") + target',
            ),
        ),
        "the longer path comes first, wherever it stands in the list",
    ),
    Fault(
        "host-with-its-port",
        "Hosts are compared with their port and letter by letter.",
        "proxy/routes",
        (
            Change(
                "routes.py",
                '    name = PORT.sub(b"", host).lower()\n',
                "    name = host\n",
            ),
        ),
        "hosts are compared without case and port",
    ),
    Fault(
        "no-route-goes-anywhere",
        "What no route takes goes to all upstreams, as if there were no routes.",
        "proxy/routes",
        (
            Change(
                "server.py",
                "        return routes.find(self.routes, host, path) if self.routes else None\n",
                "        try:\n"
                "            return routes.find(self.routes, host, path) if self.routes else None\n"
                "        except Refusal as refusal:\n"
                "            if refusal.status != 404:\n"
                "                raise\n"
                "            return None\n",
            ),
        ),
        "a part of a segment is no prefix",
    ),
    Fault(
        "routed-decoded",
        "The path is decoded to find its route, and passed on as it came.",
        "proxy/routes",
        (
            Change(
                "routes.py",
                '    path = target.partition(b"?")[0]\n',
                "    from urllib.parse import unquote_to_bytes\n\n"
                '    path = unquote_to_bytes(target.partition(b"?")[0])\n',
            ),
        ),
        "paths are not decoded to find a route",
    ),
    Fault(
        "encoded-dots-pass",
        "The segment .. is refused, and %2e%2e passes to whoever decodes it.",
        "proxy/routes",
        (Change("routes.py", 'rb"(?:\\.|%2e){1,2}"', 'rb"\\.{1,2}"'),),
        "a segment that means up is refused",
    ),
    Fault(
        "always-the-first",
        "Round robin begins anew for each request, so the first upstream gets them all.",
        "proxy/routes",
        (Change("balance.py", TURN, "        self.turn = 0\n        return among[0]\n"),),
        "several upstreams of one route take turns",
    ),
    # The pool.
    Fault(
        "a-connection-each-time",
        "For each request a connection to the upstream is made, and closed behind it.",
        "proxy/pool",
        (
            Change(
                "link.py",
                "        if whole and self.lasting and",
                "        if not whole and self.lasting and",
            ),
        ),
        "the second request goes on the same connection",
    ),
    Fault(
        "close-not-heard",
        "A connection is used again although its upstream said close.",
        "proxy/pool",
        (
            Change(
                "link.py",
                'is_last(head.version != b"HTTP/1.1", fields.get(b"connection"))',
                'is_last(head.version != b"HTTP/1.1", None)',
            ),
        ),
        "behind an answer that said close there is no request",
    ),
    Fault(
        "stale-is-502",
        "A kept connection that the upstream has closed meanwhile makes a request fail.",
        "proxy/pool",
        (
            Change(
                "exchange.py",
                "        if lost and not self.refreshed:\n            return True\n",
                "",
            ),
        ),
        "a kept connection that ends when it is used is replaced",
    ),
    Fault(
        "stale-again-and-again",
        "A request is sent once more on each kept connection, until they have all failed.",
        "proxy/pool",
        (
            Change("exchange.py", "            self.refreshed = True\n", ""),
            Change(
                "exchange.py",
                "        lost = failure is ENDED and link is not None and link.used and not link.begun\n",
                "        lost = failure is ENDED and link is not None and not link.begun\n",
            ),
        ),
        "but only once",
    ),
    Fault(
        "ended-is-500",
        "A connection that ends without an answer is answered with 500.",
        "proxy/pool",
        (Change("retries.py", "ENDED = Failure(502,", "ENDED = Failure(500,"),),
        "but only once",
    ),
    Fault(
        "post-sent-again",
        "A POST whose kept connection turned out to be closed is sent a second time.",
        "proxy/pool",
        (
            Change(
                "exchange.py",
                "        return self.method in IDEMPOTENT and self.kept is not None\n",
                "        return self.kept is not None\n",
            ),
        ),
        "POST is not sent again",
    ),
    Fault(
        "unfinished-request-reused",
        "A connection whose request was not sent to its end is used for the next one.",
        "proxy/pool",
        (
            Change(
                "link.py",
                "        if whole and self.lasting and",
                "        if self.lasting and",
            ),
        ),
        "a request that was not sent to its end is followed by no other",
    ),
    Fault(
        "pool-without-a-bound",
        "All connections to an upstream are kept, as many as there have ever been at a time.",
        "proxy/pool",
        (Change("upstreams.py", "MOST_IDLE = 16\n", "MOST_IDLE = 1 << 30\n"),),
        "of forty connections 16 are kept",
    ),
    # Balancing.
    Fault(
        "weights-ignored",
        "The weights are read and not used.",
        "proxy/balance",
        (
            Change(
                "balance.py",
                "self.credit.get(one, 0) + one.weight\n",
                "self.credit.get(one, 0) + 1\n",
            ),
            Change(
                "balance.py",
                "sum(one.weight for one in among)\n",
                "len(among)\n",
            ),
        ),
        "weights of 1, 2 and 3 are proportions",
    ),
    Fault(
        "never-less-busy",
        "What has been answered counts as under way for ever.",
        "proxy/balance",
        (Change("exchange.py", "            self.upstream.busy -= 1\n", "            pass\n"),),
        "the busy one is left alone",
    ),
    Fault(
        "least-connections-of-the-pool",
        "The connections that are kept count as under way, so who answered most gets least.",
        "proxy/balance",
        (
            Change(
                "balance.py",
                "        fewest = min(map(under_way, among))\n"
                "        ties = [one for one in among if one.busy == fewest]\n",
                "        fewest = min(one.busy - len(one.idle) for one in among)\n"
                "        ties = [one for one in among if one.busy - len(one.idle) == fewest]\n",
            ),
        ),
        "what is over is not under way",
    ),
    Fault(
        "two-choices-of-the-first-two",
        "The two that are compared are always the first two.",
        "proxy/balance",
        (
            Change(
                "balance.py",
                "        first = int(random.random() * len(among))\n"
                "        second = int(random.random() * (len(among) - 1))\n",
                "        first = int(random.random() * 2)\n        second = 0\n",
            ),
        ),
        "of two that are drawn the less busy one",
    ),
    Fault(
        "random-of-one",
        "One upstream is drawn at random, and nobody looks at how busy it is.",
        "proxy/balance",
        (
            Change(
                "balance.py",
                "        return min(among[first], among[second + (second >= first)], key=under_way)\n",
                "        return among[first]\n",
            ),
        ),
        "of two that are drawn the less busy one",
    ),
    Fault(
        "hash-with-the-query",
        "The query is hashed too, so one path comes to several upstreams.",
        "proxy/balance",
        (
            Change(
                "balance.py",
                '        path = target.partition(b"?")[0]\n',
                "        path = target\n",
            ),
        ),
        "the same path comes to the same upstream, whatever its query",
    ),
    Fault(
        "hash-by-modulo",
        "The upstream is the hash modulo their number: when one goes, nearly all paths move.",
        "proxy/balance",
        (
            Change(
                "balance.py",
                "        return max(among, key=lambda one: blake2b(path, digest_size=8, key=one.key).digest())\n",
                "        return among[int.from_bytes(blake2b(path).digest()[:4]) % len(among)]\n",
            ),
        ),
        "without one upstream only its own paths move",
    ),
    # Timeouts.
    Fault(
        "silence-is-502",
        "An upstream that is silent is answered with 502, as one that is gone.",
        "proxy/timeouts",
        (Change("retries.py", "SILENT = Failure(504,", "SILENT = Failure(502,"),),
        "silence is 504, and not before its time",
    ),
    Fault(
        "no-read-timeout",
        "Nothing limits how long an upstream may be silent.",
        "proxy/timeouts",
        (
            Change(
                "server.py",
                "Deadlines(settings.read, Link.silent)",
                "Deadlines(settings.read * 1000, Link.silent)",
            ),
        ),
        "one that is silent within its body does not either",
    ),
    Fault(
        "no-total-timeout",
        "An upstream may take as long as it likes, as long as it is not silent.",
        "proxy/timeouts",
        (
            Change(
                "server.py",
                "Deadlines(settings.total, Exchange.too_long)",
                "Deadlines(settings.total * 1000, Exchange.too_long)",
            ),
        ),
        "a head that comes steadily but not in time is 504",
    ),
    Fault(
        "not-reached-is-502",
        "A connection that is not made in time is answered with 502, as one that is refused.",
        "proxy/timeouts",
        (Change("retries.py", "NOT_REACHED = Failure(504,", "NOT_REACHED = Failure(502,"),),
        "a queue that is full is 504",
    ),
    Fault(
        "total-includes-the-body",
        "The time for the whole goes on while the body of the answer comes.",
        "proxy/timeouts",
        (
            Change(
                "exchange.py",
                "        client.proxy.totals.stop(self)\n        self.judge",
                "        self.judge",
            ),
        ),
        "a body may last longer than any of the limits",
    ),
    Fault(
        "silence-while-the-client-sends",
        "The upstream has to answer in time although the client has not sent its request.",
        "proxy/timeouts",
        (
            Change(
                "exchange.py",
                "        if self.state is WAITING or self.expects:\n",
                "        if link not in self.client.proxy.reads.waiting:\n",
            ),
        ),
        "a client that sends slowly is no silence of the upstream",
    ),
)
