r"""Faults of the stages on trouble: health, retries, the end.

    one failure ─▶ out            and with every lost packet an upstream goes

Left out: what is answered when there is no way out. See upstreams.py.
"""

from __future__ import annotations

from ...planted import Change, Fault

FAULTS: tuple[Fault, ...] = (
    # Health.
    Fault(
        "out-after-one",
        "One answer that is no 2xx takes an upstream out.",
        "proxy/health",
        (Change("health.py", "IN_A_ROW = 2\n", "IN_A_ROW = 1\n"),),
        "one bad answer between good ones does not",
    ),
    Fault(
        "any-answer-is-well",
        "An upstream that answers is well, whatever the status says.",
        "proxy/health",
        (
            Change(
                "health.py",
                "return 200 <= await read_status(reader) < 300",
                "return await read_status(reader) > 0",
            ),
        ),
        "bad answers take an upstream out, and good ones in again",
    ),
    Fault(
        "never-in-again",
        "An upstream that was taken out stays out, however well it is.",
        "proxy/health",
        (
            Change(
                "health.py",
                "            upstream.sick, against = not upstream.sick, 0\n",
                "            upstream.sick, against = True, 0\n",
            ),
        ),
        "bad answers take an upstream out, and good ones in again",
    ),
    Fault(
        "asked-for-nothing",
        "Upstreams are asked whether they are well, and the answers change nothing.",
        "proxy/health",
        (
            Change(
                "upstreams.py",
                "if not (one.sick or one.ejected)]",
                "if not one.ejected]",
            ),
        ),
        "bad answers take an upstream out, and good ones in again",
    ),
    Fault(
        "waits-for-health-for-ever",
        "There is no limit on how long the answer to the question may take.",
        "proxy/health",
        (Change("health.py", "asyncio.timeout(within)", "asyncio.timeout(None)"),),
        "no answer in time takes an upstream out",
    ),
    Fault(
        "failures-ever",
        "All failures are counted, not those in a row.",
        "proxy/health",
        (
            Change(
                "upstreams.py",
                "    def succeeded(self) -> None:\n        self.failures = 0\n",
                "    def succeeded(self) -> None:\n        pass\n",
            ),
        ),
        "an answer between failures begins the count anew",
    ),
    Fault(
        "ejected-for-ever",
        "An upstream that was ejected does not come back.",
        "proxy/health",
        (
            Change(
                "upstreams.py",
                "            asyncio.get_running_loop().call_later(settings.eject, self.come_back)\n",
                "",
            ),
        ),
        "after its time an upstream gets requests again",
    ),
    Fault(
        "503-is-no-failure",
        "Upstreams that answer 503 are never ejected: it was an answer.",
        "proxy/health",
        (
            Change(
                "exchange.py",
                "BAD_STATUSES = frozenset({502, 503, 504})",
                "BAD_STATUSES = frozenset[int]()",
            ),
        ),
        "three failures in a row take an upstream out",
    ),
    Fault(
        "out-drops-what-is-under-way",
        "When an upstream goes out, the requests under way on it are broken off.",
        "proxy/health",
        (
            Change(
                "upstreams.py",
                "            self.ejected = True\n",
                "            self.ejected = True\n"
                "            for client in list(self.proxy.clients):\n"
                "                if client.exchange and client.exchange.upstream is self:\n"
                "                    client.transport.abort()\n",
            ),
        ),
        "three failures in a row take an upstream out",
    ),
    Fault(
        "nobody-in-is-502",
        "When no upstream is in, the answer is 502.",
        "proxy/health",
        (Change("retries.py", "NOBODY = Failure(503,", "NOBODY = Failure(502,"),),
        "when none is in the answer is 503",
    ),
    # Retries.
    Fault(
        "never-tried-again",
        "A request that fails is never tried at another upstream.",
        "proxy/retries",
        (
            Change(
                "exchange.py",
                "len(self.tried) < proxy.settings.retries and",
                "len(self.tried) < 0 and",
            ),
        ),
        "a GET whose connection ends is tried at another upstream",
    ),
    Fault(
        "post-tried-again",
        "POST is tried again, whether or not it was acted on.",
        "proxy/retries",
        (
            Change(
                "exchange.py",
                "(failure.again and self.is_repeatable())",
                "(failure.again and (self.is_repeatable() or not lost))",
            ),
        ),
        "a POST that was sent is not sent again",
    ),
    Fault(
        "no-budget",
        "Each request has its retries, however many others are tried again.",
        "proxy/retries",
        (
            Change(
                "exchange.py",
                " and proxy.budget.allows_one()",
                "",
            ),
        ),
        "in a storm the budget holds",
    ),
    Fault(
        "tried-where-it-failed",
        "A request is tried again at the upstream that has just failed.",
        "proxy/retries",
        (
            Change(
                "upstreams.py",
                "            among = [one for one in among if one not in tried] or among\n",
                "            among = [one for one in among if one in tried] or among\n",
            ),
        ),
        "a GET whose connection ends is tried at another upstream",
    ),
    Fault(
        "tried-again-without-its-body",
        "The second try is sent without the body that the first one had.",
        "proxy/retries",
        (
            Change(
                "exchange.py",
                "        self.pending = [*(self.kept or ()), *self.pending]\n",
                '        sent = b"".join(self.kept or ()).partition(b"\\r\\n\\r\\n")\n'
                "        self.pending = [sent[0] + sent[1], *self.pending]\n",
            ),
        ),
        "a body of 50 KiB is sent again, whole",
    ),
    Fault(
        "large-bodies-kept",
        "Bodies of a mebibyte are kept to be sent again.",
        "proxy/retries",
        (Change("retries.py", "MOST_KEPT = 1 << 16", "MOST_KEPT = 1 << 20"),),
        "one of 100 KB is not sent again",
    ),
    Fault(
        "tried-again-behind-its-answer",
        "A request whose answer broke off in its head is tried again.",
        "proxy/retries",
        (
            Change(
                "exchange.py",
                "        untouched = link is None or not link.begun\n",
                "        untouched = True\n",
            ),
        ),
        "when an octet of the answer came nothing is tried again",
    ),
    # The end.
    Fault(
        "ends-at-once",
        "At SIGTERM the proxy exits, whatever is under way.",
        "proxy/drain",
        (
            Change(
                "server.py",
                "        self.draining = True\n",
                "        os._exit(0)\n",
            ),
        ),
        "a request under way is answered",
    ),
    Fault(
        "idle-ones-keep-it",
        "At SIGTERM connections on which nothing is under way are left open.",
        "proxy/drain",
        (
            Change(
                "states.py",
                '        (IDLE, "told to stop"): CLOSED,\n',
                '        (IDLE, "told to stop"): IDLE,\n',
            ),
        ),
        "idle connections are closed on both sides",
    ),
    Fault(
        "goes-on-after-the-last",
        "After SIGTERM connections are kept open behind their answer, as ever.",
        "proxy/drain",
        (
            Change("server.py", "SETTLE_SECONDS = 0.02", "SETTLE_SECONDS = 0.0"),
            Change(
                "states.py",
                '        (BUSY, "told to stop"): LAST,\n',
                '        (BUSY, "told to stop"): BUSY,\n',
            ),
        ),
        "a request under way is answered",
    ),
)
