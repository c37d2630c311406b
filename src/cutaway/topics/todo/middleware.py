"""What goes around every handler: each layer may act before, after, or instead of what is inside.

    request ─▶ recovered ─▶ careful ─▶ routes ─▶ handler
    answer  ◀─ recovered ◀─ careful ◀─ routes ◀──╯

The order is part of the meaning. `recovered` is outermost: what goes wrong in any other layer still
becomes an answer, and one request that fails never ends the program. `careful` is inside of it, so
an answer that a handler made has its fields; `chain` reads from the outside in.

Left out: who may do it (authentication), and how often (limits). Both would stand before the routes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from .errors import Trouble
from .link import Away
from .messages import Answer, Asked, Handler
from .problems import answer_to

#: A page may run and show only what comes from here. Spec: RFC 9110 leaves it to CSP.
POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    b" base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

Middleware = Callable[[Handler], Handler]


def chain(handler: Handler, *around: Middleware) -> Handler:
    """The first of them is outermost."""
    for one in reversed(around):
        handler = one(handler)
    return handler


def recovered(inside: Handler) -> Handler:
    """Errors become answers. What nobody foresaw is told to the log, in a line."""

    async def outside(asked: Asked) -> Answer:
        try:
            return await inside(asked)
        except (Trouble, Away) as error:
            return answer_to(error)
        except Exception as error:
            print(
                f"{asked.method.decode()}: {type(error).__name__}: {error}"[:300], file=sys.stderr
            )
            return answer_to(error)

    return outside


def careful(inside: Handler) -> Handler:
    """No kind of content is guessed, and no page runs what did not come from here."""

    async def outside(asked: Asked) -> Answer:
        answer = await inside(asked)
        answer.fields[b"X-Content-Type-Options"] = b"nosniff"
        if answer.fields.get(b"Content-Type", b"").startswith(b"text/html"):
            answer.fields[b"Content-Security-Policy"] = POLICY
        return answer

    return outside
