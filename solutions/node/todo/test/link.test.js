import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';

import { Away } from '../lib/errors.js';
import { Link, Session, inTime } from '../lib/link.js';
import { addressOf, listening } from './talk.js';

/** A server that answers a PING with the number of its connection, unless it is told to wait. */
async function numbering(t) {
  const heard = { connections: [], silent: false };
  const server = net.createServer((socket) => {
    const number = heard.connections.push(socket);
    socket.on('error', () => {});
    socket.on('data', () => heard.silent || socket.write(`:${number}\r\n`));
  });
  t.after(() => {
    heard.connections.forEach((socket) => socket.destroy());
    server.close();
  });
  return { heard, link: new Link(addressOf(await listening(server))), server };
}

async function asked(link, ms = 5_000) {
  const session = new Session(link);
  try {
    return (await inTime(ms, session.ask(['PING'])))[0];
  } finally {
    session.end();
  }
}

test('a connection is kept for the next who asks', async (t) => {
  const { link, heard } = await numbering(t);
  assert.deepEqual([await asked(link), await asked(link)], [1, 1]);
  heard.connections[0].destroy();
});

test('one on which an answer is owed is not', async (t) => {
  const { link, heard } = await numbering(t);
  heard.silent = true;
  await assert.rejects(asked(link, 50), Away);
  heard.silent = false;
  heard.connections[0].write(':99\r\n');
  assert.equal(await asked(link), 2);
  heard.connections[1].destroy();
});

test('one that is cut when it is used again costs nobody an answer', async (t) => {
  const { link, heard, server } = await numbering(t);
  assert.equal(await asked(link), 1);
  // The next question is under way when the end of the connection comes.
  heard.silent = true;
  heard.connections[0].once('data', () => {
    heard.silent = false;
    heard.connections[0].destroy();
  });
  assert.equal(await asked(link), 2);
  heard.connections[1].destroy();
  server.close();
});

test('nobody listens: Away, at once', async (t) => {
  const { link, server } = await numbering(t);
  server.close();
  await once(server, 'close');
  await assert.rejects(asked(link), Away);
});

test('an answer to no question ends a connection', async (t) => {
  const { link, heard } = await numbering(t);
  await asked(link);
  const closed = once(heard.connections[0], 'close');
  heard.connections[0].write(':99\r\n');
  await closed;
  assert.equal(await asked(link), 2);
  heard.connections[1].destroy();
});
