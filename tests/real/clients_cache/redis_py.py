"""A session of redis-py: what a program does with a cache, and what came of it, a line each.

    python redis_py.py 6380 3            port, version of RESP
    ping true
    set-get "v"

Everything that another server would answer otherwise for a good reason (ids, versions, times, an order
that is none) is left out or sorted, so that the lines from two servers are the same.

Left out: asyncio, which is the same commands over another socket, but for one pool at the end.
"""

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import redis
from redis.asyncio import Redis as AsyncRedis


def shown(value: Any) -> Any:
    """As JSON can have it."""
    match value:
        case bytes():
            return value.decode("latin-1")
        case dict():
            return {str(shown(key)): shown(item) for key, item in sorted(value.items())}
        case set() | frozenset():
            return sorted(map(shown, value))
        case list() | tuple():
            return [shown(item) for item in value]
        case Exception():
            return f"{type(value).__name__} {str(value).partition(' ')[0]}"
    return value


def say(name: str, value: Any) -> None:
    print(name, json.dumps(shown(value), sort_keys=True), flush=True)


def refused(name: str, call: Any, *words: Any) -> None:
    try:
        call(*words)
    except redis.RedisError as error:
        say(name, [type(error).__name__, str(error).split(" ")[0]])
    else:
        say(name, "no error")


def greet(r: Any) -> None:
    say("ping", r.ping())
    say("echo", r.echo("h\u00e9llo"))
    say("name", [r.client_setname("me"), r.client_getname()])
    say("id", r.client_id() > 0)
    me = r.client_info()
    say("library", me["lib-name"])
    r.set("a", "v")
    say("info", [r.info("server")["redis_version"][0], r.info("keyspace")["db0"]["keys"]])
    say("memory", r.info("memory")["used_memory"] > 0)
    say("config", r.config_get("maxmemory-policy"))
    say("config-set", [r.config_set("maxmemory-samples", 7), r.config_get("maxmemory-samples")])
    r.config_set("maxmemory-samples", 5)
    say("commands", {"get", "zadd", "subscribe"} <= {name.lower() for name in r.command()})
    say("count", r.command_count() > 80)
    say("docs", len(r.execute_command("COMMAND DOCS", "get", "nosuch")))
    say("flush", r.flushall())


def strings(r: Any) -> None:
    say("set", [r.set("a", "v"), r.set("a", "w", nx=True), r.set("a", "x", xx=True, get=True)])
    say("binary", [r.set(b"\x00\xff", b"\r\n\x00\x80"), r.get(b"\x00\xff")])
    say("large", [r.set("large", "x" * 300_000), len(r.get("large")), r.strlen("large")])
    say("none", r.get("none"))
    say("counts", [r.incr("n"), r.incrby("n", 9), r.decr("n"), r.decrby("n", 4)])
    say("append", [r.append("a", "yz"), r.get("a"), r.getdel("a"), r.exists("a", "n", "n")])
    say("many", [r.mset({"b": 1, "c": 2}), r.mget("b", "none", "c")])
    say("ends", [r.set("e", 1, ex=1000), 900 < r.ttl("e") <= 1000, r.pttl("e") > 900_000])
    say("lasts", [r.persist("e"), r.ttl("e"), r.ttl("none"), r.expire("e", 50, gt=True)])
    say("moment", [r.expireat("e", 4_000_000_000), r.expiretime("e"), r.pexpiretime("e")])
    older = ("GETSET b 5", "SETNX b 6", "SETEX b 100 7", "PSETEX b 9999 8")
    say("older", [r.execute_command(*words.split()) for words in older])
    refused("no number", r.incr, "large")
    refused("wrong type", r.lpush, "n", "x")
    refused("no command", r.execute_command, "NOSUCH", "x")
    refused("too few", r.execute_command, "GET")


def keys(r: Any) -> None:
    say(
        "types",
        [r.type("n"), r.type("none"), r.rename("n", "m"), r.delete("m", "n"), r.unlink("m")],
    )
    r.mset({f"scan:{at}": at for at in range(250)})
    say("scan", sorted(r.scan_iter("scan:*", count=20)))
    say("keys", sorted(r.keys("scan:1?")))
    say("size", r.dbsize())
    refused("rename", r.rename, "none", "m")


def structures(r: Any) -> None:
    say("list", [r.rpush("l", "a", "b", "c"), r.lpush("l", "z"), r.lrange("l", 0, -1), r.llen("l")])
    say("pop", [r.lpop("l"), r.rpop("l"), r.lpop("none"), r.lpop("none", 2), r.lpop("l", 5)])
    r.rpush("l", *range(10))
    say("trim", [r.ltrim("l", 2, -2), r.lset("l", 0, "s"), r.lrem("l", 0, 5), r.lindex("l", 0)])
    say("hash", [r.hset("h", mapping={"f": 1, "g": "x"}), r.hget("h", "f"), r.hgetall("h")])
    say("fields", [r.hmget("h", "f", "none"), sorted(r.hkeys("h")), sorted(r.hvals("h"))])
    say("more", [r.hincrby("h", "f", 4), r.hexists("h", "g"), r.hdel("h", "g"), r.hlen("h")])
    say("none", [r.hgetall("none"), r.smembers("none"), r.zrange("none", 0, -1)])
    say("set", [r.sadd("s", 1, 2, 3), r.sadd("t", 2, 3, 4), r.scard("s"), r.sismember("s", 1)])
    say("sets", [r.sinter("s", "t"), r.sunion("s", "t"), r.sdiff("s", "t"), r.smembers("s")])
    say("spop", [r.spop("s") in (b"1", b"2", b"3"), r.srem("s", 1, 2, 3) + 1])
    say("zadd", [r.zadd("z", {"a": 1, "b": 2.5, "c": float("inf")}), r.zscore("z", "b")])
    say("zrange", [r.zrange("z", 0, -1, withscores=True), r.zrange("z", 0, 5, desc=True)])
    say("zscores", r.zrange("z", 1, "(3", byscore=True, offset=0, num=5, withscores=True))
    say("zby", [r.zrangebyscore("z", "-inf", 2.5, withscores=True), r.zcount("z", 1, "+inf")])
    say("zrank", [r.zrank("z", "b"), r.zrevrank("z", "b"), r.zrank("z", "no"), r.zscore("z", "no")])
    say("zincr", [r.zincrby("z", 0.1, "a"), r.zadd("z", {"a": 0.2}, incr=True), r.zcard("z")])
    say("zrem", [r.zrem("z", "c"), r.zremrangebyscore("z", 2, 3), r.zrange("z", 0, -1)])


def together(r: Any) -> None:
    with r.pipeline(transaction=False) as pipe:
        for at in range(500):
            pipe.set(f"p:{at}", at).incr(f"p:{at}")
        answers = pipe.execute()
    say("pipeline", [len(answers), answers[-2:], answers.count(True)])
    with r.pipeline(transaction=False) as pipe:
        pipe.set("p", "x").incr("p").get("p")
        say("pipeline error", pipe.execute(raise_on_error=False))
    with r.pipeline() as pipe:
        say(
            "transaction",
            pipe.set("t:a", 1).incr("t:a").hset("t:h", "f", 1).hgetall("t:h").execute(),
        )
    with r.pipeline() as pipe:
        pipe.watch("t:a")
        before = int(pipe.get("t:a"))
        pipe.multi()
        pipe.set("t:a", before + 1)
        say("watched", pipe.execute())
        pipe.watch("t:a")
        r.set("t:a", "other")
        pipe.multi()
        pipe.set("t:a", "mine")
        refused("disturbed", pipe.execute)
    say("kept", r.get("t:a"))


def published(r: Any) -> None:
    with r.pubsub() as listener:
        listener.subscribe("news", "other")
        listener.psubscribe("n?ws")
        heard = [listener.get_message(timeout=10) for _ in range(3)]
        say("channels", [r.pubsub_channels(), r.pubsub_numsub("news", "none"), r.pubsub_numpat()])
        say("sent", [r.publish("news", b"\xffhello"), r.publish("nobody", "x")])
        heard += [listener.get_message(timeout=10) for _ in range(2)]
        listener.ping("still")
        heard.append(listener.get_message(timeout=10))
        listener.unsubscribe()
        listener.punsubscribe()
        heard += [listener.get_message(timeout=10) for _ in range(3)]
        say("heard", sorted(json.dumps(shown(item), sort_keys=True) for item in heard))


def pooled(port: int, version: int) -> None:
    pool = redis.ConnectionPool(port=port, protocol=version, max_connections=20)
    r = redis.Redis(connection_pool=pool)
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda _: r.incr("pooled"), range(400)))
    say("pool", r.get("pooled"))
    r.close()
    pool.disconnect()


async def without_threads(port: int, version: int) -> None:
    async with AsyncRedis(port=port, protocol=version) as r:
        await asyncio.gather(*(r.incr("async") for _ in range(50)))
        say("async", await r.get("async"))


def main(port: int, version: int) -> None:
    with redis.Redis(port=port, protocol=version) as r:
        r.flushall()
        for part in (greet, strings, keys, structures, together, published):
            part(r)
    pooled(port, version)
    asyncio.run(without_threads(port, version))
    print("done")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
