r"""Faults of the last stages: TLS, Upgrade, tunnels, the PROXY protocol.

    client ── FIN ──▶ proxy ── closes both ──▶ the answer that was still to come is lost

Left out: plain requests. See messages.py.
"""

from __future__ import annotations

from ...planted import Change, Fault

FAULTS: tuple[Fault, ...] = (
    # TLS.
    Fault(
        "sni-ignored",
        "Every client gets the certificate of default, whatever name it asks for.",
        "proxy/tls",
        (
            Change(
                "tls.py",
                '        handshake.context = contexts.get((name or "").lower(), first)\n',
                "        handshake.context = first\n",
            ),
        ),
        "the certificate is that of the name which is asked for",
    ),
    Fault(
        "https-told-as-http",
        "What came over TLS is told to the upstream as http.",
        "proxy/tls",
        (
            Change(
                "server.py",
                'partial(Client, proxy, b"https")',
                'partial(Client, proxy, b"http")',
            ),
        ),
        "HTTP over TLS reaches the upstream",
    ),
    # The PROXY protocol.
    Fault(
        "header-on-the-plain-port",
        "A PROXY header is taken on the plain listener too, from any client.",
        "proxy/tls",
        (
            Change(
                "server.py",
                '{port_from("PORT"): partial(Client, proxy)}',
                '{port_from("PORT"): partial(Doubtful, proxy)}',
            ),
            Change(
                "server.py",
                "def name_of(address: Address)",
                "class Doubtful(Announced):\n"
                "    def hang_up(self) -> None:\n"
                "        self.expected = False\n"
                "        self.proxy.heads.stop(self)\n"
                "        Client.data_received(self, self.first)\n\n"
                "    def read_header(self, data: bytes) -> None:\n"
                "        self.first = data\n"
                "        super().read_header(data)\n\n\n"
                "def name_of(address: Address)",
            ),
        ),
        "on the plain listener a PROXY header is no request",
    ),
    Fault(
        "header-optional",
        "On the listener for PROXY headers a connection without one is served.",
        "proxy/tls",
        (
            Change(
                "announced.py",
                "        except (Malformed, Refused):\n            self.hang_up()\n            return\n",
                "        except (Malformed, Refused):\n"
                "            self.expected = False\n"
                "            self.proxy.heads.stop(self)\n"
                "            super().data_received(data)\n"
                "            return\n",
            ),
        ),
        "a request without a header",
    ),
    Fault(
        "local-believed",
        "The addresses of a header that says LOCAL are taken for the client's.",
        "proxy/tls",
        (
            Change(
                "announcement.py",
                "    if command == 0 or family == 0 or transport == 0:\n",
                "    if family == 0 or transport == 0:\n",
            ),
        ),
        "also with octets to skip",
    ),
    Fault(
        "header-in-one-read",
        "A PROXY header that comes in two pieces is none.",
        "proxy/tls",
        (
            Change(
                "announced.py",
                "            self.unread = Unread(data, 0, need)\n",
                "            self.hang_up()\n",
            ),
        ),
        "version 1 says the address",
    ),
    # Upgrade.
    Fault(
        "upgrade-taken-out",
        "Upgrade is a field of one connection, and taken out, always.",
        "proxy/upgrade",
        (
            Change(
                "rewrite.py",
                '    if old or b"upgrade" not in fields:\n',
                "    if True:\n",
            ),
        ),
        "Upgrade is passed on, and 101 comes back",
    ),
    Fault(
        "half-close-is-close",
        "When one side of a tunnel has said all, both are closed.",
        "proxy/upgrade",
        (
            Change(
                "tunnel.py",
                "        if self.other.finished or not there.can_write_eof()",
                "        if True or not there.can_write_eof()",
            ),
        ),
        "when the client has finished the upstream goes on",
    ),
    Fault(
        "end-not-passed-on",
        "The end of one side of a tunnel is not passed on: the other waits for ever.",
        "proxy/upgrade",
        (
            Change(
                "tunnel.py",
                "                there.write_eof()\n",
                "                pass\n",
            ),
        ),
        "when the client has finished the upstream goes on",
    ),
    Fault(
        "early-octets-lost",
        "What comes in one piece with the head of 101, or behind the request, is lost.",
        "proxy/upgrade",
        (
            Change(
                "exchange.py",
                "        self.tunnel(rewrite.switching_head(head, fields) + early)\n",
                "        self.tunnel(rewrite.switching_head(head, fields))\n",
            ),
        ),
        "what stands behind 101 is passed on",
    ),
    Fault(
        "tunnels-keep-it",
        "Tunnels are left open at SIGTERM, and the proxy waits for them.",
        "proxy/upgrade",
        (
            Change(
                "server.py",
                "        for tunnel in list(self.tunnels):\n            tunnel.close()\n",
                "",
            ),
        ),
        "a tunnel is closed on both sides at SIGTERM",
    ),
    # Tunnels.
    Fault(
        "connect-to-anything",
        "CONNECT reaches whatever the client names.",
        "proxy/tunnel",
        (
            Change(
                "server.py",
                "        if group is None:\n",
                '        if group is None and method == b"CONNECT":\n'
                '            host, _, port = name.rpartition(":")\n'
                "            return self.alone(Address(host, int(port)))\n"
                "        if group is None:\n",
            ),
        ),
        "what is not in the list is refused",
    ),
    Fault(
        "absolute-form-passed-on",
        "What is fetched for a client is asked with its absolute target.",
        "proxy/tunnel",
        (
            Change(
                "client.py",
                "            return self.proxy.allowed_group(method, target, host), path, host\n",
                "            return self.proxy.allowed_group(method, target, host), target, host\n",
            ),
        ),
        "an absolute target is sent in origin-form",
    ),
    Fault(
        "host-of-the-field",
        "What is fetched for a client is asked with the Host that the client sent along.",
        "proxy/tunnel",
        (
            Change(
                "client.py",
                '        if fields.get(b"host") != host:\n',
                '        if fields.get(b"host") is None:\n',
            ),
        ),
        "its Host is that of the target",
    ),
)
