/* A session of ioredis: what a program does with a cache, and what came of it, a line each.
 *
 *     node ioredis.mjs 6380 3            port, version of RESP
 *
 * Left out: clusters, sentinels and scripts.
 */

import Redis from "ioredis";
import { all, gathering, say } from "./session.mjs";

const options = { port: Number(process.argv[2]), protocol: Number(process.argv[3]) };
const r = new Redis({ ...options, connectionName: "me" });
await r.flushall();

say("greeting", ...(await all(r.ping(), r.echo("héllo"), r.client("GETNAME"), r.config("GET", "maxmemory"))));
say("info", (await r.info("memory")).includes("used_memory:"), (await r.command("COUNT")) > 80);

say("set", ...(await all(r.set("a", "v", "EX", 1000), r.set("a", "w", "NX"), r.set("a", "x", "KEEPTTL", "GET"))));
const left = await r.ttl("a");
say("ends", left > 900 && left <= 1000, ...(await all(r.persist("a"), r.ttl("a"), r.ttl("none"))));
say("binary", ...(await all(r.set(Buffer.from([0, 255]), Buffer.from("\r\n\0")), r.getBuffer(Buffer.from([0, 255])))));
say("none", ...(await all(r.get("none"), r.mget("a", "none"), r.hgetall("none"), r.lpop("none"))));
say("counts", ...(await all(r.incr("n"), r.incrby("n", 9), r.decr("n"), r.incr("a"), r.lpush("a", 1), r.call("NOSUCH"))));
say("list", ...(await all(r.rpush("l", "a", "b", "c"), r.lrange("l", 0, -1), r.lpop("l"), r.rpop("l", 5), r.llen("l"))));
say("hash", ...(await all(r.hset("h", { f: 1, g: "x" }), r.hgetall("h"), r.hmget("h", "f", "none"), r.hincrby("h", "f", 2))));
say("sets", ...(await all(r.sadd("s", 1, 2, 3), r.sadd("t", 2, 3, 4), r.sismember("s", 1))));
say("members", new Set(await r.sinter("s", "t")), new Set(await r.smembers("s")), new Set(await r.sdiff("s", "t")));
say("zadd", ...(await all(r.zadd("z", 1, "a", 2.5, "b", "inf", "c"), r.zscore("z", "b"), r.zscore("z", "c"))));
say("zrange", ...(await all(r.zrange("z", 0, -1, "WITHSCORES"), r.zrange("z", "+inf", "(1", "BYSCORE", "REV", "LIMIT", 0, 5))));
say("zrank", ...(await all(r.zrank("z", "b"), r.zrank("z", "no"), r.zincrby("z", 0.1, "a"), r.zcount("z", 1, "+inf"))));
say("zrev", ...(await all(r.zrevrange("z", 0, -1))));

await r.mset(Object.fromEntries(Array.from({ length: 120 }, (_, at) => [`scan:${at}`, at])));
const found = new Set();
for await (const keys of r.scanStream({ match: "scan:*", count: 10 })) keys.forEach((key) => found.add(key));
say("scan", found, await r.dbsize());

const pipeline = r.pipeline();
for (let at = 0; at < 500; at++) pipeline.set(`p:${at}`, at).incr(`p:${at}`);
const answers = await pipeline.exec();
say("pipeline", answers.length, answers.at(-1), answers.every(([error]) => !error));
say("transaction", await r.multi().set("t", 1).incr("t").hgetall("h").lpush("t", "x").exec());
await r.watch("t");
const other = r.duplicate();
await other.incr("t");
say("disturbed", await r.multi().set("t", "mine").exec(), await r.get("t"));
say("spoilt", ...(await all(r.multi({ pipeline: false }), r.call("NOSUCH"), r.exec())));

const heard = gathering(2);
other.on("message", (channel, text) => heard.add(["message", channel, text]));
other.on("pmessage", (pattern, channel, text) => heard.add(["pmessage", pattern, channel, text]));
say("subscribed", ...(await all(other.subscribe("news", "other"), other.psubscribe("n?ws"))));
say("channels", (await r.pubsub("CHANNELS")).sort(), await r.pubsub("NUMSUB", "news", "none"), await r.pubsub("NUMPAT"));
say("sent", ...(await all(r.publish("news", "hello"), r.publish("nobody", "x"))));
say("heard", await heard.whole);
say("unsubscribed", await other.ping(), await other.unsubscribe("news", "other"), await other.punsubscribe("n?ws"));
say("back", await other.get("t"), await r.pubsub("CHANNELS"));

const many = Array.from({ length: 20 }, () => new Redis(options));
await Promise.all(many.flatMap((each) => Array.from({ length: 20 }, () => each.incr("many"))));
say("many", await r.get("many"));
say("quit", ...(await all(...[...many, other, r].map((each) => each.quit()))));
console.log("done");
