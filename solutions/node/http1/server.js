/**
 * An HTTP/1.1 server on raw sockets.
 *
 *   PORT       where it listens, on 127.0.0.1
 *   DATA_DIR   the folder behind /files/
 *
 * Reading order: lib/connection.js (a connection's life), lib/head.js and lib/body.js (what
 * arrives), lib/response.js (what leaves), lib/app.js and lib/files.js (what it means).
 */

import net from 'node:net';

import { createApp } from './lib/app.js';
import { Connection } from './lib/connection.js';
import { DRAIN_MS } from './lib/limits.js';
import { FileStore } from './lib/store.js';

const port = portOrExit(process.env.PORT);
const app = createApp(await storeOrExit(process.env.DATA_DIR));
const connections = new Set();

// allowHalfOpen: a client that has sent its FIN still gets its answer.
const server = net.createServer({ allowHalfOpen: true, noDelay: true }, async (socket) => {
  const connection = new Connection(socket, app);
  connections.add(connection);
  await connection.run();
  connections.delete(connection);
});

server.on('error', (error) => exit(1, `cannot listen on 127.0.0.1:${port}: ${error.message}`));
server.listen({ host: '127.0.0.1', port, backlog: 4096 });

// `once`: a second signal has the default effect, for whoever is in a hurry.
process.once('SIGTERM', drain);
process.once('SIGINT', drain);

/** Take nothing new and finish what has begun; the process ends when nothing is left. */
function drain() {
  server.close();
  for (const connection of connections) connection.drain();
  setTimeout(() => process.exit(0), DRAIN_MS).unref();
}

function portOrExit(text = '') {
  if (/^[0-9]{1,5}$/.test(text) && Number(text) <= 65535) return Number(text);
  return exit(2, `PORT must be a port from 0 to 65535, not "${text}"`);
}

async function storeOrExit(folder) {
  if (!folder) return null;
  try {
    return await FileStore.open(folder);
  } catch (error) {
    return exit(2, `DATA_DIR cannot be used: ${error.message}`);
  }
}

function exit(status, sentence) {
  console.error(sentence);
  process.exit(status);
}
