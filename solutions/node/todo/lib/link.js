/**
 * Connections to a RESP server, kept for the next who asks.
 *
 *   Link         a bounded pool: the one that was used last is used first
 *   Connection   one question at a time; lost when the other side ends, or says what nobody asked
 *   Session      one request's use of a link: one connection from the first question to the end
 *
 * Nothing on the wire says which answer belongs to which question, only their order. So a
 * connection on which an answer is owed is never used again: the next one who asked would get it.
 *
 * A connection may have been cut while it was idle, which nobody notices before it is used. So the
 * first question of a session is asked again on another connection, and must be one that may be
 * asked twice: it reads, or watches, or says what is so.
 */

import net from 'node:net';

import { Away } from './errors.js';
import { MAX_CONNECTIONS } from './limits.js';
import { Replies, writeCommand } from './resp.js';

/**
 * @template T
 * @param {number} ms
 * @param {Promise<T>} promise
 * @returns {Promise<T>}  rejects with Away when it takes longer
 */
export async function inTime(ms, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Away(`no answer within ${Math.ceil(ms)} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export class Link {
  #address;
  #open = new Set();
  #idle = [];
  #waiting = [];

  /** @param {import('./settings.js').Address} address */
  constructor(address) {
    this.#address = address;
  }

  /** @returns {Promise<Connection>}  for the caller alone, until it is given back */
  async take() {
    while (this.#idle.length === 0 && this.#open.size >= MAX_CONNECTIONS) {
      await new Promise((resolve) => this.#waiting.push(resolve));
    }
    return this.#idle.pop() ?? this.#connect();
  }

  /** @param {Connection} connection */
  give(connection) {
    if (connection.owes) connection.close();
    else if (this.#open.has(connection)) this.#idle.push(connection);
    this.#waiting.shift()?.();
  }

  #connect() {
    const connection = new Connection(this.#address, () => {
      this.#open.delete(connection);
      this.#idle = this.#idle.filter((other) => other !== connection);
      this.#waiting.shift()?.();
    });
    this.#open.add(connection);
    return connection;
  }
}

class Connection {
  /** Has it ever answered? Then it may have been cut since. */
  proved = false;
  #socket;
  #asked = null;
  #lost = null;

  constructor(address, whenLost) {
    const replies = new Replies((reply) => this.#hear(reply));
    this.#socket = net.connect({ ...address, noDelay: true, keepAlive: true });
    this.#socket.on('data', (piece) => {
      try {
        replies.push(piece);
      } catch (error) {
        this.#lose(error.message, whenLost);
      }
    });
    this.#socket.on('error', (error) => this.#lose(error.message, whenLost));
    this.#socket.on('end', () => this.#lose('the other side has ended', whenLost));
    this.#socket.on('close', () => this.#lose('closed', whenLost));
  }

  /** Is an answer missing? */
  get owes() {
    return this.#asked !== null;
  }

  /**
   * @param {string[][]} commands  asked at once
   * @returns {Promise<any[]>}  a reply for each
   */
  ask(commands) {
    return new Promise((resolve, reject) => {
      if (this.#lost) return reject(this.#lost);
      this.#asked = { count: commands.length, replies: [], resolve, reject };
      this.#socket.write(commands.map(writeCommand).join(''));
    });
  }

  close() {
    this.#socket.destroy();
  }

  #hear(reply) {
    if (this.#asked === null) throw new Error('an answer to no question');
    const { count, replies, resolve } = this.#asked;
    if (replies.push(reply) < count) return;
    this.#asked = null;
    this.proved = true;
    resolve(replies);
  }

  #lose(why, whenLost) {
    if (this.#lost) return;
    this.#lost = new Away(why);
    this.#asked?.reject(this.#lost);
    this.#socket.destroy();
    whenLost();
  }
}

export class Session {
  #link;
  #connection = null;
  #ended = false;

  /** @param {Link} link */
  constructor(link) {
    this.#link = link;
  }

  /** @param {...string[]} commands */
  async ask(...commands) {
    while (this.#connection === null) {
      await this.#take();
      const mayBeCut = this.#connection.proved;
      try {
        return await this.#connection.ask(commands);
      } catch (error) {
        if (!mayBeCut || this.#ended) throw error;
        this.#giveBack();
      }
    }
    return this.#connection.ask(commands);
  }

  /** Give the connection back, or close it where an answer is owed on it. */
  end() {
    this.#ended = true;
    this.#giveBack();
  }

  async #take() {
    if (!this.#ended) this.#connection = await this.#link.take();
    if (!this.#ended) return;
    this.#giveBack(); // the time was over while it waited
    throw new Away('too late');
  }

  #giveBack() {
    if (this.#connection !== null) this.#link.give(this.#connection);
    this.#connection = null;
  }
}
