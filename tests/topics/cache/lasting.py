"""The plain server, and behind it memory, transactions, messages and a log: plain and right.

    python lasting.py                                   right
    python lasting.py "a line of it" "put another way"  wrong in one way

It is plain.py with more text behind its own, which tests change as they change that. Commands are
written to the log as they came, one after the other, so that reading them again does it all again.

Left out: most kinds of value, drain, and everything that no test of the later stages needs.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
import random
import re
import runpy
import select
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

MORE = r"""
class Refused(Exception):
    pass

# Lists, as far as they are needed.

def items(key):
    value = look(key)
    if value is not None and not isinstance(value, list):
        raise Wrong("WRONGTYPE not a list")
    return value or []

def rpush(client, key, *new):
    change(key, [*items(key), *new])
    return len(items(key))

def lrange(client, key, first, last):
    return items(key)[int(first):]

def flush(client):
    for key in list(store):
        forget(key)
    return OK

# Memory.

limits = {b"maxmemory": b"0", b"maxmemory-policy": b"noeviction", b"maxmemory-samples": b"5"}
POLICIES = {b"noeviction", b"allkeys-lru", b"allkeys-lfu", b"allkeys-random", b"volatile-ttl"}
used = {}           # key: how often, and at which of all uses the last time
uses = iter(range(1 << 60))
evicted = 0

def octets(key, value):
    return len(key) + 100 + (len(value) if isinstance(value, bytes) else sum(map(len, value)))

total = 0

def put(key, value, ends=None):
    global total
    before = store.get(key)
    total += octets(key, value) - (octets(key, before[0]) if before else 0)
    store[key] = (value, ends)
    if before is None:
        used[key] = (0, 0)
    use(key)
    touch(key)

def forget(key):
    global total
    total -= octets(key, store.pop(key)[0])
    used.pop(key, None)
    touch(key)

def find(key):
    entry = store.get(key)
    if entry and entry[1] is not None and entry[1] <= now():
        forget(key)
        return None
    return entry

def use(key):
    used[key] = (used[key][0] + 1, next(uses))

def get(client, key):
    value = look(key)
    if value is not None:
        use(key)
    if isinstance(value, list):
        raise Wrong("WRONGTYPE a list")
    return value

def remove(client, *keys):
    return len([forget(key) for key in keys if find(key) is not None])

def victim():
    policy = limits[b"maxmemory-policy"]
    some = [key for key in store if policy != b"volatile-ttl" or store[key][1] is not None]
    some = random.sample(some, min(len(some), 10))
    if policy == b"noeviction" or not some:
        return None
    if policy == b"allkeys-random":
        return random.choice(some)
    if policy == b"allkeys-lru":
        return min(some, key=lambda key: used[key][1])
    if policy == b"allkeys-lfu":
        return min(some, key=lambda key: used[key][0])
    return min(some, key=lambda key: store[key][1])

def make_room():
    global evicted
    while limits[b"maxmemory"] != b"0" and total > int(limits[b"maxmemory"]):
        key = victim()
        if key is None:
            raise Wrong("OOM command not allowed")
        forget(key)
        evicted += 1

def config(client, what, name, value=None):
    name = name.lower()
    if value is None:
        return [name, limits[name]]
    if name == b"maxmemory-policy" and value not in POLICIES:
        raise Wrong("ERR no such policy")
    limits[name] = value if name in (b"maxmemory-policy", b"appendfsync") else b"%d" % integer(value)
    return OK

def info(client, *sections):
    return b"used_memory:%d\r\nevicted_keys:%d\r\n" % (total, evicted)

# Transactions.

watching = {}       # key: connections

def touch(key):
    for client in watching.pop(key, ()):
        client.changed = True

def multi(client):
    client.queue, client.broken = [], False
    return OK

def watch(client, *keys):
    for key in keys:
        watching.setdefault(key, set()).add(client)
        client.watches[key] = find(key) is not None
    return OK

def unwatch(client):
    for key in client.watches:
        watching.get(key, set()).discard(client)
    client.watches, client.changed = {}, False
    return OK

def discard(client):
    client.queue = None
    return unwatch(client)

def exec_(client):
    over = any(there and find(key) is None for key, there in client.watches.items())
    queue, broken, changed = client.queue, client.broken, client.changed or over
    discard(client)
    if broken:
        raise Wrong("EXECABORT")
    if changed:
        return NO_ARRAY
    return [run(client, words) for words in queue]

# Messages.

channels, patterns = {}, {}

def matches(pattern, channel):
    text = re.sub(rb"\\(.)", rb"[\1]", pattern).replace(b"[^", b"[!")
    return fnmatch.fnmatchcase(channel, text)

def subscribing(kind, table, on):
    def command(client, *names):
        mine = sorted(name for other, name in client.listens if other == kind)
        for name in names or mine:
            (client.listens.add if on else client.listens.discard)((kind, name))
            (table.setdefault(name, set()).add if on else table.get(name, set()).discard)(client)
            if not table.get(name):
                table.pop(name, None)
            client.send(Pushed([word(kind, on), name, len(client.listens)]))
        if not names and not on and not mine:
            client.send(Pushed([word(kind, on), None, 0]))
        return NOTHING
    return command

def word(kind, on):
    return kind + (b"subscribe" if on else b"unsubscribe")

def publish(client, channel, message):
    heard = 0
    for other in list(channels.get(channel, ())):
        other.send(Pushed([b"message", channel, message]))
        heard += 1
    for pattern, others in list(patterns.items()):
        for other in others if matches(pattern, channel) else ():
            other.send(Pushed([b"pmessage", pattern, channel, message]))
            heard += 1
    return heard

def pubsub(client, what, *names):
    what = what.upper()
    if what == b"CHANNELS":
        return [name for name in channels if not names or matches(names[0], name)]
    if what == b"NUMPAT":
        return len(patterns)
    return [part for name in names for part in (name, len(channels.get(name, ())))]

# The log.

WRITES = {b"SET", b"DEL", b"INCR", b"RPUSH", b"FLUSHALL", b"PEXPIREAT", b"EXPIRE", b"PERSIST", b"APPEND"}
ADDS = {b"SET", b"INCR", b"RPUSH", b"APPEND", b"SETNX", b"MSET", b"INCRBY"}
log = None
dirty = False

def wire(words):
    return b"*%d\r\n" % len(words) + b"".join(written(word, 2) for word in words)

def keep(data):
    global dirty
    os.write(log, data)
    dirty = True
    if limits[b"appendfsync"] == b"always":
        sync()

def sync():
    global dirty
    if dirty:
        dirty = False
        os.fdatasync(log)

def replay(path):
    global log
    end = 0
    if os.path.exists(path):
        with open(path, "rb") as f:
            while words := whole(f):
                COMMANDS[words[0].upper()](Client(0), *words[1:])
                end = f.tell()
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    os.ftruncate(file, end)
    log = file

def whole(f):
    words = []
    line = f.readline()
    for _ in range(int(line[1:] if line.endswith(b"\n") else 0)):
        size = f.readline()
        if not size.endswith(b"\n"):
            return None
        data = f.read(int(size[1:]) + 2)
        if len(data) != int(size[1:]) + 2:
            return None
        words.append(data[:-2])
    return words

def as_moment(words):
    if words[0].upper() == b"EXPIRE":
        return [b"PEXPIREAT", words[1], b"%d" % (now() + int(words[2]) * 1000)]
    options = [option.upper() for option in words[3:]]
    for option, unit in ((b"EX", 1000), (b"PX", 1)):
        if words[0].upper() == b"SET" and option in options:
            at = options.index(option)
            ends = b"%d" % (now() + int(words[4 + at]) * unit)
            return [*words[:3 + at], b"PXAT", ends, *words[5 + at:]]
    return words

COMMANDS.update({
    b"RPUSH": rpush, b"LPUSH": rpush, b"LRANGE": lrange, b"LLEN": lambda client, key: len(items(key)),
    b"FLUSHALL": flush, b"CONFIG": config, b"INFO": info, b"GET": get, b"DEL": remove,
    b"MULTI": multi, b"EXEC": exec_, b"DISCARD": discard, b"WATCH": watch, b"UNWATCH": unwatch,
    b"SUBSCRIBE": subscribing(b"", channels, True), b"UNSUBSCRIBE": subscribing(b"", channels, False),
    b"PSUBSCRIBE": subscribing(b"p", patterns, True), b"PUNSUBSCRIBE": subscribing(b"p", patterns, False),
    b"PUBLISH": publish, b"PUBSUB": pubsub,
})
NOT_QUEUED = {b"EXEC", b"DISCARD"}
MAY_LISTEN = {b"SUBSCRIBE", b"UNSUBSCRIBE", b"PSUBSCRIBE", b"PUNSUBSCRIBE", b"PING", b"QUIT"}

# Answering.

NOTHING = object()
NO_ARRAY = object()

class Pushed(list):
    pass

plain_written = written

def written(value, proto):
    if value is NO_ARRAY:
        return b"_\r\n" if proto == 3 else b"*-1\r\n"
    if isinstance(value, list):
        head = b">" if isinstance(value, Pushed) and proto == 3 else b"*"
        return head + b"%d\r\n" % len(value) + b"".join(written(item, proto) for item in value)
    return plain_written(value, proto)

def run(client, words):
    name = words[0].upper()
    function = COMMANDS.get(name)
    if function is None:
        client.broken = True
        return Wrong("ERR unknown command '%s'" % words[0].decode("latin-1"))
    if name == b"SET" and len(words) < 3 or name in (b"WATCH", b"RPUSH") and len(words) < 2:
        client.broken = True
        return Wrong("ERR wrong number of arguments")
    if client.listens and client.proto == 2 and name not in MAY_LISTEN:
        return Wrong("ERR only subscribing is allowed here")
    if client.listens and client.proto == 2 and name == b"PING":
        return [b"pong", *(words[1:] or [b""])]
    if client.queue is None and name in NOT_QUEUED:
        return Wrong("ERR without MULTI")
    if client.queue is not None and name not in NOT_QUEUED:
        if name in (b"MULTI", b"WATCH"):
            return Wrong("ERR not inside MULTI")
        client.queue.append(words)
        return Text("QUEUED")
    try:
        if name in ADDS:
            make_room()
        logged = as_moment(words)
        reply = function(client, *words[1:])
        if log is not None and name in WRITES and not isinstance(reply, Wrong):
            client.changes.append(wire(logged))
        return reply
    except Wrong as wrong:
        return wrong
    except (TypeError, IndexError):
        return Wrong("ERR wrong number of arguments")

def answer(client, words):
    reply = run(client, words)
    if client.changes:
        keep(b"".join(client.changes))
        client.changes = []
    return reply

class Client:
    def __init__(self, ident, sock=None):
        self.ident, self.name, self.proto, self.sock = ident, b"", 2, sock
        self.queue, self.broken, self.changed = None, False, False
        self.watches, self.listens, self.changes = {}, set(), []

    def send(self, value):
        with contextlib.suppress(OSError):
            if isinstance(value, Pushed) and waiting.select([], [self.sock], [], 0.5)[1] == []:
                self.sock.shutdown(socket.SHUT_RDWR)
            self.sock.sendall(written(value, self.proto))

def number(text, low, high):
    if not re.fullmatch(rb"-?[0-9]{1,10}\r\n", text) or not low <= int(text) <= high:
        raise Refused("number")
    return int(text)

def read_command(f):
    line = f.readline((64 << 10) + 1024)
    if not line.startswith(b"*"):
        if len(line) >= (64 << 10) + 1024:
            raise Refused("line")
        return line.split() if line.endswith(b"\n") else None
    words = []
    for _ in range(number(line[1:], -1, 2**31 - 1)):
        size = f.readline(100)
        if not size.startswith(b"$"):
            raise Refused("no bulk string")
        size = number(size[1:], 0, 512 << 20)
        words.append(f.read(size + 2)[:-2])
    return words

def talk(sock):
    client = Client(next(idents), sock)
    try:
        with sock, sock.makefile("rb") as f:
            while True:
                try:
                    words = read_command(f)
                except Refused as refused:
                    client.send(Wrong("ERR Protocol error: %s" % refused))
                    return
                if words is None:
                    return
                if not words:
                    continue
                with lock:
                    reply = answer(client, words)
                    if reply is not NOTHING:
                        client.send(reply)
    finally:
        with lock:
            unwatch(client)
            for table in (channels, patterns):
                for name in list(table):
                    table[name].discard(client)
                    if not table[name]:
                        del table[name]

def each_second():
    while True:
        time.sleep(1)
        with lock:
            sync()
"""


def main() -> None:
    plain = runpy.run_path(str(Path(__file__).with_name("plain.py")), run_name="plain")
    source = plain["SOURCE"] + MORE
    for old, new in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        assert source.count(old) == 1, (old, source.count(old))
        source = source.replace(old, new)
    world: dict[str, Any] = {
        "contextlib": contextlib, "fnmatch": fnmatch, "os": os, "random": random, "re": re,
        "waiting": select,
        "socket": socket, "threading": threading, "time": time,
    }  # fmt: skip
    exec(source, world)
    world["limits"][b"appendfsync"] = os.environ.get("APPENDFSYNC", "everysec").encode()
    if os.environ.get("APPENDONLY") == "yes":
        world["replay"](os.environ["DATA_DIR"] + "/log")
    for thread in ("sweep", "each_second"):
        threading.Thread(target=world[thread], daemon=True).start()

    def run(sock: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            world["talk"](sock)

    server = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=256)
    while True:
        client = server.accept()[0]
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=run, args=(client,), daemon=True).start()


if __name__ == "__main__":
    main()
