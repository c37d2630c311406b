/** Who listens to what: channels by name, and patterns. A message is kept for nobody. */

import { glob } from './glob.js';
import { Push } from './replies.js';

/** @typedef {import('./client.js').Client} Client */

export class Channels {
  /** @type {Map<string, Set<Client>>} */
  #byName = new Map();
  /** @type {Map<string, {matches: (text: string) => boolean, clients: Set<Client>}>} */
  #byPattern = new Map();

  subscribe(client, name) {
    client.channels.add(name);
    if (!this.#byName.has(name)) this.#byName.set(name, new Set());
    this.#byName.get(name).add(client);
  }

  unsubscribe(client, name) {
    client.channels.delete(name);
    const clients = this.#byName.get(name);
    clients?.delete(client);
    if (clients?.size === 0) this.#byName.delete(name);
  }

  subscribePattern(client, pattern) {
    client.patterns.add(pattern);
    if (!this.#byPattern.has(pattern)) {
      this.#byPattern.set(pattern, { matches: glob(pattern), clients: new Set() });
    }
    this.#byPattern.get(pattern).clients.add(client);
  }

  unsubscribePattern(client, pattern) {
    client.patterns.delete(pattern);
    const entry = this.#byPattern.get(pattern);
    entry?.clients.delete(client);
    if (entry?.clients.size === 0) this.#byPattern.delete(pattern);
  }

  /** @returns {number}  how many got it: a client that listens twice counts twice */
  publish(name, text) {
    let count = 0;
    for (const client of this.#byName.get(name) ?? []) {
      client.push(new Push('message', name, text));
      count++;
    }
    for (const [pattern, { matches, clients }] of this.#byPattern) {
      if (!matches(name)) continue;
      for (const client of clients) client.push(new Push('pmessage', pattern, name, text));
      count += clients.size;
    }
    return count;
  }

  forget(client) {
    for (const name of client.channels) this.unsubscribe(client, name);
    for (const pattern of client.patterns) this.unsubscribePattern(client, pattern);
  }

  /** Channels that somebody listens to by name. @returns {string[]} */
  names() {
    return [...this.#byName.keys()];
  }

  /** How many listen to it by name. */
  countOf(name) {
    return this.#byName.get(name)?.size ?? 0;
  }

  get patterns() {
    return this.#byPattern.size;
  }
}
