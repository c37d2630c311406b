/**
 * Three listeners on one event loop: raw echo, lines (with a chat room), frames.
 *
 *   PORT         every byte comes back
 *   LINES_PORT   every line comes back; /join ROOM turns it into a chat
 *   FRAMES_PORT  every length-prefixed frame comes back
 *
 * A listener is opened only when its variable is set. Each connection is one
 * `Connection` (lib/connection.js: idle time, back-pressure, closing) that hands
 * its bytes to one protocol (lib/echo.js, lib/lines.js, lib/frames.js).
 */

import net from 'node:net';

import { Connection } from './lib/connection.js';
import { EchoProtocol } from './lib/echo.js';
import { FramesProtocol } from './lib/frames.js';
import { LinesProtocol } from './lib/lines.js';
import { Rooms } from './lib/rooms.js';
import { SettingsError, readSettings } from './lib/settings.js';

/** A newcomer to a full house waits so long for a place: one may be leaving right now. */
const PLACE_GRACE_MS = 20;
/** A newcomer that is turned away gets so long to see our FIN and close. */
const REFUSAL_MS = 1_000;
/** After SIGTERM: when the program is gone, whoever stays connected. */
const DRAIN_MS = 4_000;

const settings = settingsOrExit();
const connections = new Set();
const rooms = new Rooms();
let draining = false;

const servers = [
  listen(settings.port, (connection) => new EchoProtocol(connection)),
  listen(settings.linesPort, (connection) => new LinesProtocol(connection, rooms), 'busy\n'),
  listen(settings.framesPort, (connection) => new FramesProtocol(connection)),
].filter((server) => server !== null);

// `once`: a second signal has the default effect, for whoever is in a hurry.
process.once('SIGTERM', drain);
process.once('SIGINT', drain);

/**
 * @param {number | null} port
 * @param {(connection: Connection) => import('./lib/connection.js').Protocol} protocolOf
 * @param {string} refusal  what a connection hears that finds the house full
 * @returns {net.Server | null}
 */
function listen(port, protocolOf, refusal = '') {
  if (port === null) return null;
  const server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
  server.on('connection', (socket) => {
    if (connections.size < settings.maxConnections) admit(socket, protocolOf);
    else admitOrRefuseSoon(socket, protocolOf, refusal);
  });
  server.on('error', (error) => {
    console.error(`cannot listen on 127.0.0.1:${port}: ${error.message}`);
    process.exit(1);
  });
  // A generous backlog: thousands of clients may connect between two turns of the loop.
  server.listen({ host: '127.0.0.1', port, backlog: 4096 });
  return server;
}

/** @param {net.Socket} socket */
function admit(socket, protocolOf) {
  const connection = new Connection(socket, settings.idleMs);
  connections.add(connection);
  socket.once('close', () => connections.delete(connection));
  connection.start(protocolOf(connection));
  if (draining) connection.drain();
}

function admitOrRefuseSoon(socket, protocolOf, refusal) {
  socket.on('error', () => {}); // 'close' follows, and there is nothing to say
  setTimeout(() => {
    if (socket.destroyed) return;
    if (connections.size < settings.maxConnections) admit(socket, protocolOf);
    else refuse(socket, refusal);
  }, PLACE_GRACE_MS);
}

/** Close with FIN rather than RST: what the client has sent already is read and dropped. */
function refuse(socket, refusal) {
  const timer = setTimeout(() => socket.destroy(), REFUSAL_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.resume();
  socket.end(refusal);
}

/**
 * Stop taking connections, let each one answer what has arrived, and go. The process ends by
 * itself (status 0) once nothing is open; the timer is for clients that never let go.
 */
function drain() {
  draining = true;
  for (const server of servers) server.close();
  for (const connection of connections) connection.drain();
  setTimeout(() => process.exit(0), DRAIN_MS).unref();
}

function settingsOrExit() {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(error.message);
    return process.exit(2);
  }
}
