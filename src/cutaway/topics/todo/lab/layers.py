"""Five layers around a handler, in any order, and what they did.

    watch = Watch()
    ask = chain(handler, *(layer(watch) for layer in …))

    log        a line for each answer
    recover    an error becomes 500
    limit      so many requests of one client, then 429
    auth       a name and a password: a hash that is slow on purpose, or 401
    validate   a body with a title, or 422 that says what is missing

They are made as those of middleware.py are, and put together by the same `chain`. None of them knows
what stands around it; what the whole does is decided by the order alone.

Left out: a limit that knows time. A client here gets so many requests and then no more.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from ..messages import Answer, Asked, Handler, in_json
from ..middleware import Middleware
from ..problems import problem

CLIENT, PASSWORD = b"X-Client", b"Password"
SALT = b"salt"
RIGHT = b"correct horse"
CRASH = b"/crash"


@dataclass(slots=True)
class Watch:
    """What happened in a run.

    cost    rounds of a password's hash
    most    requests of a client that pass the limit
    lines   what stands in the log
    hashes  that were computed
    told    answers that said what a body has to have, to somebody who had not shown a password
    """

    cost: int
    most: int
    lines: list[int] = field(default_factory=list)
    hashes: int = 0
    told: int = 0
    came: Counter[bytes] = field(default_factory=Counter)
    right: bytes = b""

    def __post_init__(self) -> None:
        self.right = hashlib.pbkdf2_hmac("sha256", RIGHT, SALT, self.cost)


async def handler(asked: Asked) -> Answer:
    if asked.path == CRASH:
        raise KeyError("what nobody foresaw")
    return in_json(200, {"done": True})


def log(watch: Watch) -> Middleware:
    def around(inside: Handler) -> Handler:
        async def outside(asked: Asked) -> Answer:
            answer = await inside(asked)
            watch.lines.append(answer.status)
            return answer

        return outside

    return around


def recover(watch: Watch) -> Middleware:
    def around(inside: Handler) -> Handler:
        async def outside(asked: Asked) -> Answer:
            try:
                return await inside(asked)
            except Exception:
                return problem(500)

        return outside

    return around


def limit(watch: Watch) -> Middleware:
    def around(inside: Handler) -> Handler:
        async def outside(asked: Asked) -> Answer:
            client = asked.value(CLIENT) or b""
            watch.came[client] += 1
            return problem(429) if watch.came[client] > watch.most else await inside(asked)

        return outside

    return around


def auth(watch: Watch) -> Middleware:
    def around(inside: Handler) -> Handler:
        async def outside(asked: Asked) -> Answer:
            password = asked.value(PASSWORD) or b""
            watch.hashes += 1
            found = hashlib.pbkdf2_hmac("sha256", password, SALT, watch.cost)
            right = hmac.compare_digest(found, watch.right)
            return await inside(asked) if right else problem(401)

        return outside

    return around


def validate(watch: Watch) -> Middleware:
    def around(inside: Handler) -> Handler:
        async def outside(asked: Asked) -> Answer:
            if "title" in json.loads(asked.body or b"{}"):
                return await inside(asked)
            watch.told += asked.value(PASSWORD) != RIGHT
            return problem(422, "title is missing")

        return outside

    return around


LAYERS: dict[str, Callable[[Watch], Middleware]] = {
    "log": log,
    "recover": recover,
    "limit": limit,
    "auth": auth,
    "validate": validate,
}
