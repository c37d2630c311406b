import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Server } from '../lib/server.js';
import { talk } from './talk.js';

const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const NOT_NOW =
  "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT " +
  'are allowed in this context';

/** Conversations with one client: `command → reply`, one a line. */
const CONVERSATIONS = {
  'a counter has 64 bits': `
    SET n 9007199254740993 → +OK
    INCR n → :9007199254740994
    SET n 9223372036854775806 → +OK
    INCR n → :9223372036854775807
    INCR n → -ERR increment or decrement would overflow
    DECRBY n -9223372036854775808 → -ERR decrement would overflow
    GET n → $19 9223372036854775807`,
  'a number has one way to be written': `
    SET n 01 → +OK
    INCR n → -ERR value is not an integer or out of range
    INCRBY m +1 → -ERR value is not an integer or out of range
    EXISTS m → :0`,
  'a command on another kind of value changes nothing': `
    RPUSH l a → :1
    INCR l → ${WRONG_TYPE}
    SET l b GET → ${WRONG_TYPE}
    LRANGE l 0 -1 → *1 $1 a`,
  'SET has conditions': `
    SET a 1 XX → $-1
    SET a 1 NX → +OK
    SET a 2 NX GET → $1 1
    SET a 3 EX 0 → -ERR invalid expire time in 'set' command
    SET a 3 NX XX → -ERR syntax error
    GET a → $1 1`,
  'a lifetime is kept or dropped': `
    SET a 1 PXAT 9000000000000 → +OK
    INCR a → :2
    PEXPIRETIME a → :9000000000000
    SET a 1 KEEPTTL → +OK
    PEXPIRETIME a → :9000000000000
    RENAME a b → +OK
    PEXPIRETIME b → :9000000000000
    PERSIST b → :1
    TTL b → :-1
    TTL nope → :-2`,
  'the clock can be moved': `
    SET a 1 EX 100 → +OK
    CLOCK ADVANCE 99000 → +OK
    TTL a → :1
    CLOCK ADVANCE 1000 → +OK
    DBSIZE → :0`,
  'an empty list is no key': `
    RPUSH l a b → :2
    LPOP l 5 → *2 $1 a $1 b
    EXISTS l → :0
    LPOP l 5 → *-1
    LPOP l → $-1`,
  'a range of scores has open ends': `
    ZADD z 1 a 2 b 2 c 3 d → :4
    ZCOUNT z (1 +inf → :3
    ZRANGE z (3 -inf BYSCORE REV LIMIT 1 1 → *1 $1 b
    ZRANGE z 0 0 REV WITHSCORES → *2 $1 d $1 3
    ZADD z GT CH 0 a 9 b → :1
    ZADD z NX INCR 1 a → $-1`,
  'members are taken from either end, with their scores': `
    ZADD z 1 a 2 b 2 c 3 d → :4
    ZREVRANGE z 0 1 WITHSCORES → *4 $1 d $1 3 $1 c $1 2
    ZPOPMIN z → *2 $1 a $1 1
    ZPOPMAX z 2 → *4 $1 d $1 3 $1 c $1 2
    ZPOPMIN z 0 → *0
    ZPOPMAX z -1 → -ERR value is out of range, must be positive
    ZPOPMIN z 9 → *2 $1 b $1 2
    EXISTS z → :0
    ZPOPMAX z → *0`,
  'an error while queueing discards all, one while running discards nothing': `
    MULTI → +OK
    NOPE → -ERR unknown command 'NOPE', with args beginning with:
    SET a 1 → +QUEUED
    EXEC → -EXECABORT Transaction discarded because of previous errors.
    MULTI → +OK
    SET a 1 → +QUEUED
    LPUSH a 1 → +QUEUED
    HSET h f v → +QUEUED
    HGETALL h → +QUEUED
    HSET h g v → +QUEUED
    EXEC → *5 +OK ${WRONG_TYPE} :1 *2 $1 f $1 v :1`,
  'a subscriber of RESP2 may do little': `
    SUBSCRIBE c d → *3 $9 subscribe $1 c :1 *3 $9 subscribe $1 d :2
    GET a → ${NOT_NOW}
    PING hi → *2 $4 pong $2 hi
    UNSUBSCRIBE → *3 $11 unsubscribe $1 c :1 *3 $11 unsubscribe $1 d :0
    UNSUBSCRIBE → *3 $11 unsubscribe $-1 :0`,
};

for (const [name, lines] of Object.entries(CONVERSATIONS)) {
  test(name, () => {
    const say = talk();
    for (const line of lines.trim().split('\n')) {
      const [command, reply] = line.trim().split(' → ');
      assert.equal(say(command), reply, command);
    }
  });
}

test('RESP3 has types of its own', () => {
  const say = talk();
  assert.match(say('HELLO 3'), /^%7 \$6 server .* \$5 proto :3/);
  say('ZADD z 1.5 m');
  assert.equal(say('ZSCORE z m'), ',1.5');
  assert.equal(say('GET nope'), '_');
  say('SADD s a');
  assert.equal(say('SMEMBERS s'), '~1 $1 a');
  say('SUBSCRIBE c');
  assert.equal(say('PUBLISH c hi'), ':1 >3 $7 message $1 c $2 hi');
});

test('what another does to a watched key is noticed', () => {
  const server = new Server(0);
  const [one, other] = [talk(server), talk(server)];
  one('SET k 1 PX 100');
  for (const change of ['INCR k', 'PERSIST k', 'DEL k', 'FLUSHALL', 'CLOCK ADVANCE 200']) {
    one('SET k 1 PX 100');
    one('WATCH k');
    other(change);
    one('MULTI');
    one('GET k');
    assert.equal(one('EXEC'), '*-1', change);
  }
});

test('a publisher is told how many, patterns included', () => {
  const server = new Server(0);
  const [one, other] = [talk(server), talk(server)];
  one('SUBSCRIBE news');
  one('PSUBSCRIBE n* *s');
  assert.equal(other('PUBLISH news x'), ':3');
  assert.equal(other('PUBSUB NUMSUB news x'), '*4 $4 news :1 $1 x :0');
  assert.equal(other('PUBSUB NUMPAT'), ':2');
});

test('over the limit keys go by the policy, or the write is refused', () => {
  const server = new Server(0);
  const say = talk(server);
  say('SET old 1');
  for (let at = 0; at < 50; at++) say(`SET k${at} ${'v'.repeat(1000)}`);
  say(`CONFIG SET maxmemory ${server.db.octets - 1}`);
  assert.match(say('SET new 1'), /^-OOM/);
  assert.match(say('GET old'), /1$/);
  assert.equal(say('DEL k0'), ':1');
  assert.equal(say('SET new 1'), '+OK');
  say('CONFIG SET maxmemory-policy volatile-ttl maxmemory-samples 10');
  say(`SET soon ${'v'.repeat(2000)} EX 100`);
  say(`SET later ${'v'.repeat(2000)} EX 200`);
  assert.equal(say('SET new 2'), '+OK');
  assert.equal(say('EXISTS soon later'), ':0');
  say('CONFIG SET maxmemory-policy allkeys-lru');
  say(`CONFIG SET maxmemory ${server.db.octets - 20_000}`);
  assert.equal(say('SET new 3'), '+OK');
  assert.ok(server.db.octets <= server.config.maxmemory + 1000);
});
