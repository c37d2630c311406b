// The first to-do: kept in the store, and shown at its place.
//
// The first stage, and no more. What the next ones ask is marked with "later".

import { randomBytes } from 'node:crypto';
import http from 'node:http';
import net from 'node:net';

const PAGE = '<!doctype html><title>To-do</title><p>Later: a page that can do all of this.</p>';

const server = http.createServer(async (request, response) => {
  try {
    // Later: a body has a limit, a media type, and members that have to be right.
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const [status, body, fields = {}] = await handle(request, Buffer.concat(pieces));
    const kind = { 'Content-Type': 'application/json' };
    response.writeHead(status, { ...kind, ...fields, 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
  } catch (error) {
    // recover: one request that goes wrong must not take the program with it.
    console.error(`a request failed: ${error.message}`);
    response.destroy();
  }
});
server.listen(Number(process.env.PORT), '127.0.0.1');

// Status, body and fields for one request.
async function handle(request, body) {
  // parse it: the path first, then the method.
  const one = request.url.match(/^\/todos\/([A-Za-z0-9_-]{1,64})$/);
  let methods;
  if (request.url === '/todos') {
    methods = { POST: () => create(JSON.parse(body)) }; // Later: GET lists them.
  } else if (one) {
    methods = { GET: () => read(one[1]) }; // Later: PUT and DELETE.
  } else if (request.url === '/health') {
    methods = { GET: () => [200, '{}'] }; // Later: ask the store.
  } else if (request.url === '/') {
    methods = { GET: () => [200, PAGE, { 'Content-Type': 'text/html' }] };
  } else {
    return problem(404, 'Not Found');
  }
  if (!Object.hasOwn(methods, request.method)) {
    return problem(405, 'Method Not Allowed', { Allow: Object.keys(methods).join(', ') });
  }
  return methods[request.method]();
}

async function create({ title, done = false }) {
  const id = randomBytes(12).toString('base64url');
  const octets = JSON.stringify({ id, title, done, created: new Date().toISOString() });
  // act: the store has it before the answer leaves. Later: its place in the order of all.
  await store.ask('SET', `todo:${id}`, octets);
  return [201, octets, { Location: `/todos/${id}`, ETag: '"1"' }];
}

async function read(id) {
  // Later: ask the cache first.
  const octets = await store.ask('GET', `todo:${id}`);
  if (octets === null) return problem(404, 'Not Found');
  return [200, octets, { ETag: '"1"' }]; // Later: another tag after each change.
}

function problem(status, title, fields = {}) {
  const kind = { 'Content-Type': 'application/problem+json' };
  return [status, JSON.stringify({ title, status }), { ...kind, ...fields }];
}

// Commands to the store and what it answers, on one connection. Answers come in the order of the
// questions, and nothing else says which is whose.
class Store {
  waiting = [];
  unread = Buffer.alloc(0);

  ask(...words) {
    // Later: it may be gone, or slow, and then it is back.
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
    const [, host, port] = process.env.STORE.match(/^(.*):(\d+)$/);
    this.socket = net.connect(Number(port), host);
    this.socket.on('data', (piece) => {
      this.unread = Buffer.concat([this.unread, piece]);
      while (this.reply());
    });
    const lost = (error) => {
      this.waiting.splice(0).forEach(({ reject }) => reject(error ?? new Error('the store closed')));
      this.socket = null;
      this.unread = Buffer.alloc(0);
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
    if (line[0] === '-') reject(new Error(`the store said ${line}`));
    else resolve(value);
    return true;
  }
}

const store = new Store();
