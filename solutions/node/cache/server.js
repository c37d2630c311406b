/**
 * A cache that speaks RESP, as Redis and Valkey do.
 *
 *   PORT          where it listens, on 127.0.0.1
 *   DATA_DIR      the folder for what must survive
 *   APPENDONLY    yes: what is written survives a restart
 *   APPENDFSYNC   always, everysec or no: when it is flushed
 *
 * Reading order: lib/framer.js and lib/resp.js (octets), lib/connection.js and lib/turn.js (a
 * turn of the loop), lib/dispatch.js and lib/commands/ (what commands do), lib/keyspace.js (what
 * they do it to), lib/eviction.js, lib/log.js and lib/replay.js (what stays).
 *
 * Left out: replication, blocking commands, streams, scripts, users. Values live on V8's heap: for
 * more than it has, `node --max-old-space-size`. An argument may have 24 octets less than 512 MiB.
 */

import net from 'node:net';
import { join } from 'node:path';

import { FLUSHING } from './lib/config.js';
import { Log } from './lib/log.js';
import { replay } from './lib/replay.js';
import { rewriteIfLong } from './lib/rewrite.js';
import { Server } from './lib/server.js';

const port = portOrExit(process.env.PORT);
const server = new Server(port);
server.config.appendfsync = flushingOrExit(process.env.APPENDFSYNC);
if (process.env.APPENDONLY === 'yes') await keepLog(process.env.DATA_DIR);

// allowHalfOpen: a client that has sent its FIN still gets its replies.
const listener = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  server.accept(socket);
});
listener.on('error', (error) => exit(1, `Cannot listen on 127.0.0.1:${port}: ${error.message}`));
listener.listen({ host: '127.0.0.1', port, backlog: 4096 });

// `once`: a second signal has the default effect, for whoever is in a hurry.
process.once('SIGTERM', drain);
process.once('SIGINT', drain);

async function drain() {
  setImmediate(() => listener.close()); // who connected before the signal is let in
  await server.drain();
  process.exit(0);
}

async function keepLog(folder) {
  if (!folder) exit(2, 'APPENDONLY=yes needs DATA_DIR, the folder for the log.');
  const path = join(folder, 'appendonly.resp');
  try {
    const size = await replay(path, server);
    await rewriteIfLong(path, size, server.db);
    server.keep(await Log.open(path, server.config, logFailed));
  } catch (error) {
    exit(1, `The log ${path} cannot be used: ${error.message}`);
  }
}

function logFailed(error) {
  exit(1, `The log cannot be written, so nothing more can be promised: ${error.message}`);
}

function portOrExit(text = '') {
  if (/^[0-9]{1,5}$/.test(text) && Number(text) <= 65535) return Number(text);
  return exit(2, `PORT must be a port from 0 to 65535, not "${text}".`);
}

function flushingOrExit(text = 'everysec') {
  if (FLUSHING.includes(text)) return text;
  return exit(2, `APPENDFSYNC must be always, everysec or no, not "${text}".`);
}

function exit(status, sentence) {
  console.error(sentence);
  process.exit(status);
}
