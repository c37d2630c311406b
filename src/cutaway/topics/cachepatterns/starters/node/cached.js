// Cache-aside: look in the cache, else ask the origin and keep what it says.
//
// The first stage, and no more. What the next ones ask is marked with "later".

import http from 'node:http';
import net from 'node:net';

const TTL_MS = process.env.TTL_MS || '10000';
// Later: there are more patterns, and writes.
const PATH = /^\/(aside)\/([A-Za-z0-9._-]{1,64})$/;

const server = http.createServer(async (request, response) => {
  try {
    const [status, value] = await handle(request);
    response.writeHead(status, { 'Content-Length': value.length });
    response.end(value);
  } catch (error) {
    // recover: one request that goes wrong must not take the program with it.
    console.error(`a request failed: ${error.message}`);
    response.destroy();
  }
});
server.listen(Number(process.env.PORT), '127.0.0.1');

const NOTHING = Buffer.alloc(0);

// Status and value for one request.
async function handle(request) {
  // parse it: the pattern and the key. Everything else is 404 or 405, and nobody is asked.
  const path = request.url.match(PATH);
  if (path === null) return [404, NOTHING];
  if (request.method !== 'GET') return [405, NOTHING];
  const [, pattern, key] = path;
  const entry = `${pattern}:${key}`;

  // decide: is there an entry? An empty value is one, too: only null is none.
  // Later: the cache may be gone, or slow, or have something else there.
  const found = await cache.ask('GET', entry);
  if (found !== null) return [200, found];

  // Later: while the origin is asked for a key, whoever wants the same one waits for it.
  const [status, value] = await askOrigin(key).catch(() => [502, NOTHING]);
  if (status === 200) {
    // act: value and lifetime in one command, before the answer leaves.
    // Later: what was asked before somebody wrote must not be stored behind it.
    await cache.ask('SET', entry, value, 'PX', TTL_MS);
    return [200, value];
  }
  // Later: that there is nothing can be remembered, too.
  return [status === 404 ? 404 : 502, NOTHING];
}

// What the origin says: its status and the value.
function askOrigin(key) {
  const [, host, port] = process.env.ORIGIN.match(/^(.*):(\d+)$/);
  return new Promise((resolve, reject) => {
    const question = http.get({ host, port, path: `/items/${key}`, agent: false }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => resolve([response.statusCode, Buffer.concat(pieces)]));
      response.on('error', reject);
    });
    question.on('error', reject);
  });
}

// Commands to the cache and what it answers, on one connection. Answers come in the order of the
// questions, and nothing else says which is whose.
class Cache {
  waiting = [];
  unread = NOTHING;

  ask(...words) {
    if (!this.socket) this.connect();
    // frame it: how many words follow, then each with its length in octets.
    const parts = [Buffer.from(`*${words.length}\r\n`)];
    for (const word of words) {
      const octets = Buffer.from(word);
      parts.push(Buffer.from(`$${octets.length}\r\n`), octets, Buffer.from('\r\n'));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.socket.write(Buffer.concat(parts));
    });
  }

  connect() {
    const [, host, port] = process.env.CACHE.match(/^(.*):(\d+)$/);
    this.socket = net.connect(Number(port), host);
    this.socket.on('data', (piece) => {
      this.unread = Buffer.concat([this.unread, piece]);
      while (this.reply());
    });
    const lost = (error) => {
      this.waiting.splice(0).forEach(({ reject }) => reject(error ?? new Error('the cache closed')));
      this.socket = null;
      this.unread = NOTHING;
    };
    this.socket.on('error', lost);
    this.socket.on('end', () => lost());
  }

  // Take one whole reply from what has come. False where there is none.
  reply() {
    const end = this.unread.indexOf('\r\n');
    if (end < 0) return false;
    const line = this.unread.subarray(0, end).toString('latin1');
    let [value, after] = [Buffer.from(line.slice(1)), end + 2];
    if (line === '$-1') {
      value = null;
    } else if (line[0] === '$') {
      after += Number(line.slice(1)) + 2;
      if (this.unread.length < after) return false;
      value = this.unread.subarray(end + 2, after - 2);
    }
    this.unread = this.unread.subarray(after);
    const { resolve, reject } = this.waiting.shift();
    if (line[0] === '-') reject(new Error(`the cache said ${line}`));
    else resolve(value);
    return true;
  }
}

const cache = new Cache();
