/** The program itself: what only a socket and a signal show. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { promises as fs } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../server.js', import.meta.url));

/** Run the program for as long as `use` takes. */
async function running(settings, use) {
  const port = await freePort();
  const child = spawn(process.execPath, [PROGRAM], {
    env: { ...process.env, PORT: String(port), ...settings },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    await reachable(port, ended);
    return await use({ port, child, ended });
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function reachable(port, ended) {
  let over = false;
  ended.then(() => (over = true));
  for (;;) {
    assert.ok(!over, 'the program has ended');
    try {
      (await connected(port)).destroy();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function connected(port) {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** All that comes until the connection ends. */
async function rest(socket) {
  const parts = [];
  for await (const part of socket) parts.push(part);
  return Buffer.concat(parts).toString('latin1');
}

async function asked(port, text) {
  const socket = await connected(port);
  socket.end(text);
  return rest(socket);
}

test('a client that has sent its FIN gets all its replies, and then ours', async () => {
  await running({}, async ({ port }) => {
    const value = 'x'.repeat(3_000_000);
    const text = `SET a b\r\n*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$${value.length}\r\n${value}\r\n`;
    const answer = await asked(port, `${text}${'GET big\r\n'.repeat(5)}GET a\r\n`);
    const one = `$${value.length}\r\n${value}\r\n`;
    assert.ok(answer === `+OK\r\n+OK\r\n${one.repeat(5)}$1\r\nb\r\n`);
  });
});

test('a client that does not read waits, and nobody else does', async () => {
  await running({}, async ({ port }) => {
    assert.equal(await asked(port, `SET big ${'x'.repeat(60_000)}\r\n`), '+OK\r\n');
    const lazy = await connected(port);
    lazy.pause();
    let took = true;
    for (let i = 0; i < 2000 && took; i++) took = lazy.write('GET big\r\n'.repeat(1000));
    assert.equal(await asked(port, 'PING\r\n'), '+PONG\r\n');
    const rss = /used_memory_rss:(\d+)/.exec(await asked(port, 'INFO memory\r\n'))[1];
    assert.ok(Number(rss) < 200 * 1024 * 1024, rss);
    lazy.destroy();
  });
});

test('a protocol error is told, and the end', async () => {
  await running({}, async ({ port }) => {
    const socket = await connected(port);
    socket.write('PING\r\n*1\r\n:1\r\nPING\r\n');
    assert.equal(await rest(socket), "+PONG\r\n-ERR Protocol error: expected '$', got ':'\r\n");
  });
});

test('SIGTERM: what has arrived is answered, and it is over', async () => {
  await running({}, async ({ port, child, ended }) => {
    const idle = await connected(port);
    const busy = await connected(port);
    busy.write('SET a 1\r\n');
    await once(busy, 'readable');
    busy.write('GET a\r\n');
    child.kill('SIGTERM');
    assert.equal(await rest(busy), '+OK\r\n$1\r\n1\r\n');
    assert.equal(await rest(idle), '');
    assert.deepEqual(await ended, [0, null]);
  });
});

test('what was acknowledged is there after SIGKILL', async () => {
  const folder = await fs.mkdtemp(join(tmpdir(), 'cache-'));
  try {
    for (const flushing of ['always', 'everysec', 'no']) {
      const settings = { DATA_DIR: folder, APPENDONLY: 'yes', APPENDFSYNC: flushing };
      await running(settings, async ({ port, child, ended }) => {
        assert.equal(await asked(port, `SET ${flushing} 1\r\nINCR count\r\n`.repeat(100)).then(
          (text) => text.split('\r\n').length), 201);
        child.kill('SIGKILL');
        await ended;
      });
    }
    await running({ DATA_DIR: folder, APPENDONLY: 'yes' }, async ({ port }) => {
      assert.equal(await asked(port, 'GET count\r\nDBSIZE\r\n'), '$3\r\n300\r\n:4\r\n');
    });
  } finally {
    await fs.rm(folder, { recursive: true });
  }
});

const WRONG = [
  [{ PORT: 'x' }, 2],
  [{ PORT: '1', APPENDFSYNC: 'sometimes' }, 2],
  [{ PORT: '1', APPENDONLY: 'yes', DATA_DIR: '' }, 2],
  [{ PORT: '1', APPENDONLY: 'yes', DATA_DIR: '/nowhere/at/all' }, 1],
];

for (const [settings, status] of WRONG) {
  test(`one sentence and status ${status} for ${JSON.stringify(settings)}`, async () => {
    const child = spawn(process.execPath, [PROGRAM], { env: { ...process.env, ...settings } });
    const [said, [code]] = await Promise.all([rest(child.stderr), once(child, 'exit')]);
    assert.match(said, /^[^\n]+\.?\n$/);
    assert.equal(code, status);
  });
}
