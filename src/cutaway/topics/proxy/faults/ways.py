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
        "",
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
        "",
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
        "",
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
        "",
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
        "",
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
        "",
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
        "",
    ),
    Fault(
        "allowed-by-its-end",
        "A name is allowed when it ends like one in the list.",
        "proxy/tunnel",
        (
            Change(
                "server.py",
                "        group = (self.allowed or {}).get(name)\n",
                "        ends = [one for one in self.allowed or {} if name.endswith(one)]\n"
                "        group = (self.allowed or {}).get(ends[0] if ends else name)\n",
            ),
        ),
        "",
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
        "",
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
        "",
    ),
    # The PROXY protocol.
    Fault(
        "header-on-the-plain-port",
        "A PROXY header is taken on the plain listener too, from any client.",
        "proxy/strangers",
        (
            Change(
                "server.py",
                '{port_from("PORT"): partial(Client, proxy)}',
                '{port_from("PORT"): partial(Announced, proxy)}',
            ),
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
        "",
    ),
    Fault(
        "header-optional",
        "On the listener for PROXY headers a connection without one is served.",
        "proxy/strangers",
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
        "",
    ),
    Fault(
        "local-believed",
        "The addresses of a header that says LOCAL are taken for the client's.",
        "proxy/strangers",
        (
            Change(
                "announcement.py",
                "    if command == 0 or family == 0 or transport == 0:\n",
                "    if family == 0 or transport == 0:\n",
            ),
        ),
        "",
    ),
    Fault(
        "header-in-one-read",
        "A PROXY header that comes in two pieces is none.",
        "proxy/strangers",
        (
            Change(
                "announced.py",
                "            self.unread = Unread(data, 0, need)\n",
                "            self.hang_up()\n",
            ),
        ),
        "",
    ),
)
