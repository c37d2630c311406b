"""A cache as a beginner would build it, up to many clients and what clients ask first: plain and right.

    python plain.py                                   right
    python plain.py "a line of it" "put another way"  wrong in one way

A thread for each client, one lock around each command, a dictionary from key to (value, end). What
follows in this file is text that tests change.

Left out: everything behind the stage hello.
"""

import contextlib
import os
import re
import socket
import sys
import threading
import time
from typing import Any

SOURCE = r"""
store = {}          # key: (value, the moment it ends in ms, or None)
lock = threading.Lock()
skew = 0            # by how much the clock was advanced
idents = iter(range(1, 1 << 60))

class Wrong(Exception):
    pass

def now():
    return time.time() * 1000 + skew

def find(key):
    entry = store.get(key)
    if entry and entry[1] is not None and entry[1] <= now():
        del store[key]
        return None
    return entry

def look(key):
    entry = find(key)
    return entry[0] if entry else None

def put(key, value, ends=None):
    store[key] = (value, ends)

def change(key, value):
    entry = find(key)
    put(key, value, entry[1] if entry else None)

def integer(text):
    if not re.fullmatch(rb"-?[0-9]{1,19}", text) or not -2**63 <= int(text) < 2**63:
        raise Wrong("ERR value is not an integer or out of range")
    return int(text)

def purge():
    for key in list(store):
        find(key)

# Replies.

class Text(str):
    pass

class Pairs(dict):
    pass

def written(value, proto):
    match value:
        case None:
            return b"_\r\n" if proto == 3 else b"$-1\r\n"
        case Text():
            return b"+%s\r\n" % value.encode()
        case Wrong():
            return b"-%s\r\n" % re.sub(r"[\r\n]", " ", str(value)).encode("latin-1")
        case int():
            return b":%d\r\n" % value
        case bytes():
            return b"$%d\r\n%s\r\n" % (len(value), value)
        case Pairs():
            head = b"%%%d\r\n" % len(value) if proto == 3 else b"*%d\r\n" % (2 * len(value))
            return head + b"".join(written(x, proto) for pair in value.items() for x in pair)
        case list():
            return b"*%d\r\n" % len(value) + b"".join(written(item, proto) for item in value)

OK = Text("OK")

# Commands.

def ping(client, message=None):
    return Text("PONG") if message is None else message

def set_(client, key, value, *options):
    words = [option.upper() for option in options]
    ends = keep = None
    flags = set()
    while words:
        word = words.pop(0)
        if word in (b"NX", b"XX", b"GET"):
            flags.add(word)
        elif word in (b"EX", b"PX", b"EXAT", b"PXAT") and words and ends is None:
            amount = integer(words.pop(0))
            if amount <= 0:
                raise Wrong("ERR invalid expire time in 'set' command")
            ends = amount * (1000 if word.startswith(b"EX") else 1)
            ends += 0 if word.endswith(b"AT") else now()
        elif word == b"KEEPTTL":
            keep = True
        else:
            raise Wrong("ERR syntax error")
    if {b"NX", b"XX"} <= flags or (keep and ends is not None):
        raise Wrong("ERR syntax error")
    old = find(key)
    write = not (b"NX" in flags and old) and not (b"XX" in flags and not old)
    if write:
        put(key, value, old[1] if keep and old else ends)
    if b"GET" in flags:
        return old[0] if old else None
    return OK if write else None

def get(client, key):
    return look(key)

def remove(client, *keys):
    return sum(find(key) is not None and bool(store.pop(key)) for key in keys)

def exists(client, *keys):
    return sum(find(key) is not None for key in keys)

def mset(client, *words):
    if len(words) % 2:
        raise Wrong("ERR wrong number of arguments for 'mset' command")
    for key, value in zip(words[::2], words[1::2]):
        put(key, value)
    return OK

def mget(client, *keys):
    return [look(key) for key in keys]

def setnx(client, key, value):
    return int(set_(client, key, value, b"NX") is OK)

def getset(client, key, value):
    return set_(client, key, value, b"GET")

def getdel(client, key):
    value = look(key)
    store.pop(key, None)
    return value

def count(key, amount):
    new = integer(look(key) or (b"0" if find(key) is None else b"")) + amount
    if not -2**63 <= new < 2**63:
        raise Wrong("ERR increment or decrement would overflow")
    change(key, b"%d" % new)
    return new

def append(client, key, value):
    change(key, (look(key) or b"") + value)
    return len(look(key))

def strlen(client, key):
    return len(look(key) or b"")

def expire(unit, at):
    def command(client, key, amount):
        ends = integer(amount) * unit + (0 if at else now())
        if find(key) is None:
            return 0
        put(key, look(key), ends)
        return 1
    return command

def left(unit, at):
    def command(client, key):
        entry = find(key)
        if entry is None:
            return -2
        if entry[1] is None:
            return -1
        return round((entry[1] - (0 if at else now())) // unit)
    return command

def persist(client, key):
    entry = find(key)
    if entry is None or entry[1] is None:
        return 0
    put(key, entry[0])
    return 1

def setex(option):
    return lambda client, key, amount, value: set_(client, key, value, option, amount)

def clock(client, what, amount):
    global skew
    skew += integer(amount)
    purge()
    return OK

def hello(client, version=None, *options):
    proto = client.proto if version is None else int(version) if version.isdigit() else 0
    if proto not in (2, 3):
        raise Wrong("NOPROTO unsupported protocol version")
    if options and (options[0].upper() != b"SETNAME" or len(options) != 2):
        raise Wrong("ERR syntax error")
    client.name = options[1] if options else client.name
    client.proto = proto
    return Pairs({b"server": b"plain", b"version": b"1", b"proto": proto, b"id": client.ident})

def client_(client, what, *words):
    what = what.upper()
    if what == b"ID":
        return client.ident
    if what == b"GETNAME":
        return client.name or None
    if what == b"SETNAME" and b" " not in words[0]:
        client.name = words[0]
        return OK
    if what == b"SETINFO" and words[0].upper() in (b"LIB-NAME", b"LIB-VER") and b" " not in words[1]:
        return OK
    raise Wrong("ERR unknown subcommand")

def command_(client, what=b"", *words):
    answers = {b"": [], b"COUNT": len(COMMANDS), b"DOCS": Pairs()}
    if what.upper() not in answers:
        raise Wrong("ERR unknown subcommand")
    return answers[what.upper()]

def select(client, number):
    if integer(number) != 0:
        raise Wrong("ERR DB index is out of range")
    return OK

def info(client, *sections):
    return b"# Server\r\nname:plain\r\n"

COMMANDS = {
    b"PING": ping, b"ECHO": lambda client, message: message,
    b"SET": set_, b"GET": get, b"DEL": remove, b"UNLINK": remove, b"EXISTS": exists,
    b"MSET": mset, b"MGET": mget, b"SETNX": setnx, b"GETSET": getset, b"GETDEL": getdel,
    b"INCR": lambda client, key: count(key, 1), b"DECR": lambda client, key: count(key, -1),
    b"INCRBY": lambda client, key, amount: count(key, integer(amount)),
    b"DECRBY": lambda client, key, amount: count(key, -integer(amount)),
    b"APPEND": append, b"STRLEN": strlen,
    b"EXPIRE": expire(1000, False), b"PEXPIRE": expire(1, False),
    b"EXPIREAT": expire(1000, True), b"PEXPIREAT": expire(1, True),
    b"TTL": left(1000, False), b"PTTL": left(1, False),
    b"EXPIRETIME": left(1000, True), b"PEXPIRETIME": left(1, True),
    b"PERSIST": persist, b"SETEX": setex(b"EX"), b"PSETEX": setex(b"PX"),
    b"DBSIZE": lambda client: len(store), b"CLOCK": clock,
    b"HELLO": hello, b"CLIENT": client_, b"COMMAND": command_, b"SELECT": select, b"INFO": info,
    b"QUIT": lambda client: OK,
}
NEEDS_ONE = {b"DEL", b"UNLINK", b"EXISTS", b"MGET", b"MSET"}

def answer(client, words):
    function = COMMANDS.get(words[0].upper())
    if function is None:
        return Wrong("ERR unknown command '%s'" % words[0].decode("latin-1"))
    if words[0].upper() in NEEDS_ONE and len(words) < 2:
        return Wrong("ERR wrong number of arguments")
    try:
        with lock:
            return function(client, *words[1:])
    except Wrong as wrong:
        return wrong
    except (TypeError, IndexError):
        return Wrong("ERR wrong number of arguments")

# Clients.

def read_command(f):
    line = f.readline()
    if not line.startswith(b"*"):
        return line.split() if line.endswith(b"\n") else None
    words = []
    for _ in range(int(line[1:])):
        size = f.readline()
        if not size.startswith(b"$"):
            return None
        words.append(f.read(int(size[1:]) + 2)[:-2])
    return words

class Client:
    def __init__(self, ident):
        self.ident, self.name, self.proto = ident, b"", 2

def talk(sock):
    client = Client(next(idents))
    with sock, sock.makefile("rb") as f:
        while words := read_command(f):
            sock.sendall(written(answer(client, words), client.proto))
            if words[0].upper() == b"QUIT":
                return

def sweep():
    while True:
        time.sleep(0.1)
        with lock:
            purge()
"""


def main() -> None:
    source = SOURCE
    for old, new in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    world: dict[str, Any] = {
        "re": re, "socket": socket, "threading": threading, "time": time,
    }  # fmt: skip
    exec(source, world)
    threading.Thread(target=world["sweep"], daemon=True).start()

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
