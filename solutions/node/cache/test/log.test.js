/** What the log keeps, whatever its end looks like. */

import assert from 'node:assert/strict';
import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { Log } from '../lib/log.js';
import { replay } from '../lib/replay.js';
import { rewriteIfLong } from '../lib/rewrite.js';
import { Server } from '../lib/server.js';
import { talk } from './talk.js';

const folder = await fs.mkdtemp(join(tmpdir(), 'log-'));
after(() => fs.rm(folder, { recursive: true }));
console.error = () => {}; // what is cut off is said there

const QUESTIONS = ['LRANGE l -5 -1', 'LLEN l', 'HGETALL h', 'SMEMBERS s', 'GET n', 'PEXPIRETIME k'];
QUESTIONS.push('ZRANGE z 0 -1 WITHSCORES', 'DBSIZE');

let files = 0;

/** A log with these commands. @returns {Promise<Buffer>} */
async function recorded(...lines) {
  const path = join(folder, `${files++}`);
  const server = new Server(0);
  server.keep(await Log.open(path, server.config, assert.fail));
  const say = talk(server);
  for (const line of lines) say(line);
  await server.log.close();
  return fs.readFile(path);
}

/** A server that has read such a log. */
async function restarted(octets) {
  const path = join(folder, `${files++}`);
  await fs.writeFile(path, octets);
  const server = new Server(0);
  await replay(path, server);
  return { say: talk(server), left: (await fs.stat(path)).size };
}

test('every kind of value is there again', async () => {
  const octets = await recorded(
    ...['SET s \xff\0\n', 'SET n 5', 'INCR n', 'APPEND n 7', 'RPUSH l a b c', 'LPOP l'],
    ...['HSET h f v g w', 'HDEL h f', 'SADD set a', 'ZADD z 1 a 2 b', 'ZINCRBY z 5 a'],
    ...['SET gone x', 'DEL gone', 'GETDEL nope'],
  );
  const { say } = await restarted(octets);
  assert.equal(say('GET s'), '$3 \xff\0');
  assert.equal(say('GET n'), '$2 67');
  assert.equal(say('LRANGE l 0 -1'), '*2 $1 b $1 c');
  assert.equal(say('HGETALL h'), '*2 $1 g $1 w');
  assert.equal(say('ZRANGE z 0 -1 WITHSCORES'), '*4 $1 b $1 2 $1 a $1 6');
  assert.equal(say('EXISTS gone set'), ':1');
});

test('chance is recorded as what it chose', async () => {
  const octets = await recorded('SADD s a b c d', 'SPOP s 2', 'SPOP s');
  const [first, second] = [await restarted(octets), await restarted(octets)];
  assert.equal(first.say('SCARD s'), ':1');
  assert.equal(first.say('SMEMBERS s'), second.say('SMEMBERS s'));
});

test('a lifetime is the moment at which it ends', async () => {
  const octets = await recorded('SET a 1 EX 1000', 'SET b 1', 'EXPIRE b 2000', 'SET c 1 PX 1');
  assert.doesNotMatch(octets.toString('latin1'), /EXPIRE |EX\r/);
  const { say } = await restarted(octets);
  assert.match(say('TTL a'), /^:(999|1000)$/);
  assert.match(say('TTL b'), /^:(1999|2000)$/);
});

test('a key that ended before the restart was there for commands before its end', async () => {
  const moment = Date.now() - 1000;
  const words = (line) => line.split(' ').map((word) => `$${word.length}\r\n${word}\r\n`);
  const lines = [`SET n 5 PXAT ${moment}`, 'INCR n'].map((line) => words(line));
  const octets = lines.map((one) => `*${one.length}\r\n${one.join('')}`).join('');
  assert.equal((await restarted(octets)).say('GET n'), '$-1');
});

test('a torn end is cut off, wherever it is torn', async () => {
  const before = await recorded('SET a 1', 'SET b 2');
  const whole = await recorded('SET a 1', 'SET b 2', 'MULTI', 'SET a 3', 'SET b 4', 'EXEC');
  for (let length = before.length; length < whole.length; length++) {
    const { say, left } = await restarted(whole.subarray(0, length));
    assert.equal(say('MGET a b'), '*2 $1 1 $1 2', `torn at ${length}`);
    assert.equal(left, before.length);
  }
  assert.equal((await restarted(whole)).say('MGET a b'), '*2 $1 3 $1 4');
});

test('an end of zeros is cut off', async () => {
  const before = await recorded('SET a 1');
  const half = Buffer.from(`*3\r\n$3\r\n${'\0'.repeat(8)}`);
  for (const tail of [Buffer.alloc(1), Buffer.alloc(100_000), half]) {
    const { say, left } = await restarted(Buffer.concat([before, tail]));
    assert.equal(say('GET a'), '$1 1');
    assert.equal(left, before.length);
  }
});

test('a long log is written anew, and says the same', async () => {
  const path = join(folder, `${files++}`);
  const lines = ['RPUSH l a b a', 'HSET h f v g w', 'SADD s x y', 'ZADD z 1.5 a -inf b', 'SET k v'];
  const octets = await recorded(...lines, 'PEXPIREAT k 9000000000000', 'INCR n');
  await fs.writeFile(path, Buffer.concat(Array(300).fill(Buffer.concat(Array(400).fill(octets)))));
  const server = new Server(0);
  const size = await replay(path, server);
  const before = QUESTIONS.map(talk(server));
  await rewriteIfLong(path, size, server.db);
  assert.ok(size > 16e6 && (await fs.stat(path)).size > 1000);
  const again = new Server(0);
  assert.ok((await replay(path, again)) < size / 2);
  assert.deepEqual(QUESTIONS.map(talk(again)), before);
});

test('what is no log is refused', async () => {
  await assert.rejects(restarted('*1\r\n:4\r\nSET a 1\r\n'), /octet 0/);
  await assert.rejects(restarted('NOPE\r\nSET a 1\r\n'), /octet 0/);
});

test('with always every commit has been flushed, and commits share a flush', async () => {
  let flushes = 0;
  let written = '';
  let flushed = '';
  const file = {
    write: async (octets) => {
      written += octets.toString('latin1');
      return { bytesWritten: octets.length };
    },
    datasync: async () => {
      const reached = written;
      await new Promise((resolve) => setTimeout(resolve, 5));
      flushes++;
      flushed = reached;
    },
    close: async () => {},
  };
  const log = new Log(file, { appendfsync: 'always' }, assert.fail);
  const commits = Array.from({ length: 50 }, (_, at) => {
    log.append(['SET', `key${at}.`, '1']);
    return new Promise((resolve) => {
      log.commit(() => {
        assert.ok(flushed.includes(`key${at}.`));
        resolve();
      });
    });
  });
  await Promise.all(commits);
  assert.equal(flushes, 2);
  await log.close();
});
