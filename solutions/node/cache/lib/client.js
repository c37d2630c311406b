/**
 * What the server knows of one client: its protocol, its name, what it queues, watches and
 * listens to. Where its octets come from and go to is connection.js.
 */

import { execute } from './dispatch.js';

let lastId = 0;

export class Client {
  id = ++lastId;
  name = '';
  /** @type {2 | 3} */
  protocol = 2;
  /** It said QUIT. */
  leaving = false;

  /** Commands between MULTI and EXEC. @type {import('./dispatch.js').Queued[] | null} */
  queue = null;
  queuedOctets = 0;
  /** A command was refused while queueing, or a watched key has changed. */
  broken = false;
  touched = false;
  /** @type {Set<string>} */
  watched = new Set();

  /** @type {Set<string>} */
  channels = new Set();
  /** @type {Set<string>} */
  patterns = new Set();

  #send;
  #busy = false;
  #later = [];

  /**
   * @param {import('./server.js').Server} server
   * @param {(reply: any) => void} send
   */
  constructor(server, send) {
    this.server = server;
    this.#send = send;
    server.clients.add(this);
  }

  get subscriptions() {
    return this.channels.size + this.patterns.size;
  }

  /** One command. @param {string[]} words */
  take(words) {
    this.#busy = true;
    this.#send(execute(this, words));
    this.#busy = false;
    if (this.#later.length === 0) return;
    for (const message of this.#later) this.#send(message);
    this.#later = [];
  }

  /** A message. Behind the reply, when it is the client's own command that causes it. */
  push(message) {
    if (this.#busy) this.#later.push(message);
    else this.#send(message);
  }

  /** Forget the transaction and what was watched for it. */
  endTransaction() {
    this.queue = null;
    this.queuedOctets = 0;
    this.broken = this.touched = false;
    this.server.db.unwatch(this);
  }

  /** The client is gone. */
  leave() {
    this.endTransaction();
    this.server.channels.forget(this);
    this.server.clients.delete(this);
  }
}
