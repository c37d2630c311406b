/**
 * Room for a write, when `maxmemory` is set: which key has to go.
 *
 *   noeviction       none: the write is refused
 *   allkeys-lru      the one not used for longest        of `maxmemory-samples` taken at random
 *   allkeys-lfu      the one used least often            likewise; between equals the older
 *   allkeys-random   any
 *   volatile-ttl     the one that ends soonest           exactly: the heap has it first
 *
 * Sampling needs no order among all keys, so that a read costs two stores and not a move in a
 * list. Five samples come near the true order, ten are hard to tell from it.
 */

import { usesBy } from './keyspace.js';

/** @typedef {import('./keyspace.js').Keyspace} Keyspace */
/** @typedef {import('./keyspace.js').Entry} Entry */

/** @type {Record<string, (db: Keyspace, samples: number) => Entry | undefined>} */
export const POLICIES = {
  noeviction: () => undefined,
  'allkeys-lru': (db, samples) => best(db, samples, (a, b) => a.lastUse - b.lastUse),
  'allkeys-lfu': (db, samples) => best(db, samples, byFrequency(db.now)),
  'allkeys-random': (db) => db.random(),
  'volatile-ttl': (db) => db.soonest,
};

export class Eviction {
  #db;
  #config;
  evicted = 0;

  /**
   * @param {Keyspace} db
   * @param {import('./config.js').Config} config
   */
  constructor(db, config) {
    this.#db = db;
    this.#config = config;
  }

  /** Remove keys until the limit holds. @returns {boolean}  it does */
  makeRoom() {
    const { maxmemory, policy, samples } = this.#config;
    if (maxmemory === 0) return true;
    while (this.#db.octets > maxmemory) {
      const entry = this.#db.size > 0 ? POLICIES[policy](this.#db, samples) : undefined;
      if (entry === undefined) return false;
      this.#db.drop(entry);
      this.evicted++;
    }
    return true;
  }
}

function best(db, samples, compare) {
  let found = db.random();
  for (let i = 1; i < samples; i++) {
    const entry = db.random();
    if (compare(entry, found) < 0) found = entry;
  }
  return found;
}

function byFrequency(now) {
  const minute = Math.floor(now / 60_000);
  return (a, b) => usesBy(a, minute) - usesBy(b, minute) || a.lastUse - b.lastUse;
}
