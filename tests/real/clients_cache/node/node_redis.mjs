/* A session of node-redis: what a program does with a cache, and what came of it, a line each.
 *
 *     node node_redis.mjs 6380 3            port, version of RESP
 *
 * Left out: clusters, sentinels and scripts.
 */

import { createClient, createClientPool } from "redis";
import { all, gathering, say } from "./session.mjs";

const options = { RESP: Number(process.argv[3]), socket: { port: Number(process.argv[2]), host: "127.0.0.1" } };
const r = await createClient({ ...options, name: "me" }).connect();
await r.flushAll();

say("greeting", ...(await all(r.ping(), r.echo("héllo"), r.clientGetName(), r.configGet("maxmemory"))));
say("info", (await r.info("memory")).includes("used_memory:"), (await r.commandCount()) > 80);

say("set", ...(await all(r.set("a", "v", { expiration: { type: "EX", value: 1000 } }), r.set("a", "w", { condition: "NX" }))));
const left = await r.ttl("a");
say("ends", left > 900 && left <= 1000, ...(await all(r.persist("a"), r.ttl("a"), r.ttl("none"))));
say("none", ...(await all(r.get("none"), r.mGet(["a", "none"]), r.hGetAll("none"), r.lPop("none"))));
say("counts", ...(await all(r.incr("n"), r.incrBy("n", 9), r.decr("n"), r.incr("a"), r.lPush("a", "1"), r.sendCommand(["NOSUCH"]))));
say("list", ...(await all(r.rPush("l", ["a", "b", "c"]), r.lRange("l", 0, -1), r.lPop("l"), r.rPopCount("l", 5), r.lLen("l"))));
say("hash", ...(await all(r.hSet("h", { f: 1, g: "x" }), r.hGetAll("h"), r.hmGet("h", ["f", "none"]), r.hIncrBy("h", "f", 2))));
say("sets", ...(await all(r.sAdd("s", ["1", "2", "3"]), r.sAdd("t", ["2", "3", "4"]), r.sIsMember("s", "1"))));
say("members", new Set(await r.sInter(["s", "t"])), new Set(await r.sMembers("s")));
say("zadd", ...(await all(r.zAdd("z", [{ score: 1, value: "a" }, { score: 2.5, value: "b" }, { score: Infinity, value: "c" }]))));
say("zrange", ...(await all(r.zRangeWithScores("z", 0, -1), r.zScore("z", "b"), r.zRange("z", "+inf", "(1", { BY: "SCORE", REV: true }))));
say("zrank", ...(await all(r.zRank("z", "b"), r.zRank("z", "no"), r.zIncrBy("z", 0.1, "a"), r.zCount("z", 1, "+inf"))));

await r.mSet(Object.fromEntries(Array.from({ length: 120 }, (_, at) => [`scan:${at}`, String(at)])));
const found = new Set();
for await (const keys of r.scanIterator({ MATCH: "scan:*", COUNT: 10 })) keys.forEach((key) => found.add(key));
say("scan", found, await r.dbSize());

const answers = await Promise.all(Array.from({ length: 500 }, (_, at) => r.incr(`p:${at}`)));
say("pipeline", answers.length, new Set(answers));
say("transaction", await r.multi().set("t", 1).incr("t").hGetAll("h").exec());
await r.watch("t");
const other = await r.duplicate().connect();
await other.incr("t");
say("disturbed", ...(await all(r.multi().set("t", "mine").exec(), r.get("t"))));

const heard = gathering(2);
await other.subscribe("news", (text, channel) => heard.add(["message", channel, text]));
await other.pSubscribe("n?ws", (text, channel) => heard.add(["pmessage", channel, text]));
say("channels", (await r.pubSubChannels()).sort(), await r.pubSubNumSub(["news", "none"]), await r.pubSubNumPat());
say("sent", ...(await all(r.publish("news", "hello"), r.publish("nobody", "x"))));
say("heard", await heard.whole);
await other.unsubscribe();
await other.pUnsubscribe();
say("unsubscribed", await other.get("t"), await r.pubSubChannels());

const pool = await createClientPool(options, { minimum: 5, maximum: 20 }).connect();
pool.on("error", (error) => console.error(error));
await Promise.all(Array.from({ length: 200 }, () => pool.execute((each) => each.incr("pooled"))));
say("pool", await r.get("pooled"));
await all(pool.close(), other.close(), r.close());
console.log("done");
