import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';

import { Drain } from '../lib/drain.js';
import { createServer } from '../lib/http.js';
import { recovered, wellFormed } from '../lib/middleware.js';
import { addressOf, exchange, listening } from './talk.js';

/** A server that answers with the length of the body, when it may. */
async function measuring(t, { after = Promise.resolve() } = {}) {
  const drain = new Drain();
  const handler = async (asked) => {
    const octets = await asked.body(10);
    await after;
    return { status: 200, fields: {}, body: String(octets.length) };
  };
  const server = await listening(createServer(recovered(wellFormed(handler)), drain));
  t.after(() => server.closeAllConnections());
  return { server, drain };
}

const LAST = 'Host: x\r\nConnection: close\r\n';

test('what is refused is a problem document, whoever refuses it', async (t) => {
  const { server } = await measuring(t);
  t.after(() => server.close());
  const long = 'x'.repeat(2 * 1024 * 1024);
  const table = [
    ['GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\n${LAST}Expect: more\r\n\r\n`, 417],
    ['nonsense\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\n${LAST}A: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    [`POST / HTTP/1.1\r\n${LAST}Content-Length: 11\r\n\r\n01234567890`, 413],
    [`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${long.length}\r\n\r\n${long}`, 413],
    [`POST / HTTP/1.1\r\n${LAST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
  ];
  for (const [text, status] of table) {
    const answer = await exchange(server, text);
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), text.slice(0, 60));
    assert.match(answer, /\r\nContent-Type: application\/problem\+json\r\n/);
  }
});

test('nonsense behind a request is not answered in its place', async (t) => {
  let go;
  const { server } = await measuring(t, { after: new Promise((resolve) => (go = resolve)) });
  t.after(() => server.close());
  assert.equal(await exchange(server, 'GET / HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n'), '');
  go();
});

test('a drain answers what has begun, and closes what is idle, also what never spoke', async (t) => {
  let go;
  const after = new Promise((resolve) => (go = resolve));
  const { server, drain } = await measuring(t, { after });
  const silent = net.connect(addressOf(server)).resume();
  await once(server, 'connection');
  let come = 0;
  const both = new Promise((resolve) => server.on('request', () => ++come === 2 && resolve()));
  const answers = exchange(server, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2));
  await both;
  const ended = drain.end(server);
  await once(silent, 'end');
  go();
  const said = await answers;
  assert.equal(said.match(/HTTP\/1.1 200 OK/g).length, 2);
  await ended;
});
