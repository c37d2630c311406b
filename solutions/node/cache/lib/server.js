/**
 * One server: its keys, its clients, its channels, its log.
 *
 * One thread serves all of them. Sockets and the disk are waited for by the event loop, never by a
 * command, so thousands of clients that say little cost nothing while one is served.
 */

import { Channels } from './channels.js';
import { Clock } from './clock.js';
import { Config } from './config.js';
import { Connection } from './connection.js';
import { Eviction } from './eviction.js';
import { Keyspace } from './keyspace.js';
import {
  DRAIN_MS,
  DRAIN_QUIET_MS,
  DRAIN_READ_MS,
  EXPIRE_EVERY_MS,
  EXPIRE_STRETCH_MS,
} from './limits.js';
import { Turn } from './turn.js';

export class Server {
  clock = new Clock();
  config = new Config();
  channels = new Channels();
  db = new Keyspace((key) => this.record(['DEL', key]));
  eviction = new Eviction(this.db, this.config);
  /** @type {Set<import('./client.js').Client>} */
  clients = new Set();
  stats = { commands: 0, connections: 0 };
  started = Date.now();
  /** Keeps nothing before `keep`. @type {import('./log.js').Log | null} */
  log = null;
  turn = new Turn(null);

  /** Effects of a transaction at hand. @type {string[][] | null} */
  #group = null;
  /** @type {Set<Connection>} */
  #connections = new Set();
  #lastHeard = 0;

  constructor(port) {
    this.port = port;
    setInterval(() => this.#expire(), EXPIRE_EVERY_MS).unref();
  }

  /** From now on what changes is recorded. @param {import('./log.js').Log} log */
  keep(log) {
    this.log = log;
    this.turn = new Turn(log);
    this.config.appendonly = 'yes';
  }

  /** @param {import('node:net').Socket} socket */
  accept(socket) {
    this.stats.connections++;
    const connection = new Connection(socket, this);
    this.#connections.add(connection);
    socket.on('data', () => (this.#lastHeard = performance.now()));
    socket.on('close', () => this.#connections.delete(connection));
  }

  /** A command has had this effect. @param {string[]} words */
  record(words) {
    if (this.#group !== null) this.#group.push(words);
    else this.log?.append(words);
  }

  /** What is recorded meanwhile counts wholly or not at all. */
  together(action) {
    this.#group = [];
    try {
      return action();
    } finally {
      const effects = this.#group;
      this.#group = null;
      const whole = effects.length > 1 ? [['MULTI'], ...effects, ['EXEC']] : effects;
      for (const effect of whole) this.record(effect);
    }
  }

  /** Answer what has arrived, say goodbye to everybody, and flush. */
  async drain() {
    const began = performance.now();
    const spent = () => performance.now() - began;
    const quiet = () => performance.now() - Math.max(this.#lastHeard, began);
    while (spent() < DRAIN_READ_MS && quiet() < DRAIN_QUIET_MS) await pause(20);
    for (const connection of this.#connections) connection.finish();
    while (spent() < DRAIN_MS && this.#connections.size > 0) await pause(10);
    await this.log?.close();
  }

  /** In stretches: a million keys that end together do not stop the others. */
  #expire() {
    this.db.now = this.clock.now();
    if (!this.db.expire(performance.now() + EXPIRE_STRETCH_MS)) setImmediate(() => this.#expire());
    if (this.log?.idle === false) this.log.commit(() => {}); // nobody waits for this
  }
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
