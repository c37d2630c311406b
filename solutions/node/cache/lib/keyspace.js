/**
 * Keys, their values, and what else is known of each.
 *
 *   a Map          key → Entry
 *   a dense array  the same entries, for choosing one at random and for SCAN
 *   a heap         those that have a lifetime, by its end
 *   watchers       key → clients that WATCH it
 *
 * Every change of a value goes through `put`, `changed`, `remove` or `setDeadline`. That is where
 * octets are counted, watchers are told, and an empty list, hash or set ceases to be a key.
 *
 * A key whose lifetime is over is found by nobody: `find` removes it on the way (lazily), and
 * `expire` removes the others (actively), soonest first.
 */

import { wrongType } from './errors.js';
import { Deadlines } from './deadlines.js';
import { octetsOf } from './sizes.js';

export class Entry {
  /** What `size` counted; 0 before it was counted. */
  size = 0;
  /** Milliseconds since 1970. */
  deadline = Infinity;
  /** Places in the heap and in the dense array. */
  heapAt = -1;
  at = -1;
  /** When, as a number of uses of any key, and how often it was used. */
  lastUse = 0;
  uses = 0;
  /** The minute in which `uses` was right. */
  minute = 0;

  constructor(key, value) {
    this.key = key;
    this.value = value;
  }
}

export class Keyspace {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** @type {Entry[]} */
  #dense = [];
  #deadlines = new Deadlines();
  /** @type {Map<string, Set<import('./client.js').Client>>} */
  #watchers = new Map();
  #onGone;
  #uses = 0;

  /** The time of the command at hand. */
  now = 0;
  /** Goes up with every change. */
  changes = 0;
  /** What is to be recorded of the command at hand, where that is not its own words. */
  effect = [];
  /** Octets of keys, values, and what is kept beside them. */
  octets = 0;
  expired = 0;

  /** @param {(key: string) => void} onGone  a key was removed that no command named */
  constructor(onGone) {
    this.#onGone = onGone;
  }

  get size() {
    return this.#dense.length;
  }

  get withDeadline() {
    return this.#deadlines.size;
  }

  get soonest() {
    return this.#deadlines.first;
  }

  /** The entry, without it counting as a use. @returns {Entry | undefined} */
  peek(key) {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.deadline > this.now) return entry;
    this.#endLife(entry);
    return undefined;
  }

  /** @returns {Entry | undefined} */
  find(key) {
    const entry = this.peek(key);
    if (entry !== undefined) this.#use(entry);
    return entry;
  }

  /** The string at the key. @returns {string | undefined} */
  string(key) {
    const entry = this.find(key);
    if (entry === undefined) return undefined;
    if (typeof entry.value !== 'string') throw wrongType();
    return entry.value;
  }

  /**
   * The value at the key, a list for example.
   *
   * @template T
   * @param {string} key
   * @param {new () => T} Type
   * @returns {T | undefined}
   */
  value(key, Type) {
    return this.entry(key, Type)?.value;
  }

  /** The same, with what is around it: for `changed`. @returns {Entry | undefined} */
  entry(key, Type) {
    const entry = this.find(key);
    if (entry !== undefined && !(entry.value instanceof Type)) throw wrongType();
    return entry;
  }

  /** The same, made where there is none: call `changed` in any case. @returns {Entry} */
  open(key, Type) {
    return this.entry(key, Type) ?? this.#insert(key, new Type());
  }

  /** A value of its own, without a lifetime, whatever was there. @returns {Entry} */
  put(key, value) {
    const entry = this.find(key) ?? this.#insert(key, value);
    this.#dropDeadline(entry);
    return this.replace(entry, value);
  }

  /** Another value; the lifetime stays. @param {Entry} entry */
  replace(entry, value) {
    entry.value = value;
    this.changed(entry);
    return entry;
  }

  /** The value has been changed in its place. @param {Entry} entry */
  changed(entry) {
    if (entry.value.size === 0) return this.remove(entry);
    const size = octetsOf(entry);
    this.octets += size - entry.size;
    entry.size = size;
    this.#tell(entry.key);
  }

  /** @param {Entry} entry */
  remove(entry) {
    this.#entries.delete(entry.key);
    this.#deadlines.remove(entry);
    const last = this.#dense.pop();
    if (last !== entry) {
      this.#dense[entry.at] = last;
      last.at = entry.at;
    }
    this.octets -= entry.size;
    this.#tell(entry.key);
  }

  /** Removed by the server, not by a command. @param {Entry} entry */
  drop(entry) {
    this.remove(entry);
    this.#onGone(entry.key);
  }

  /** @param {Entry} entry @param {number} moment  Infinity: for ever */
  setDeadline(entry, moment) {
    if (moment === Infinity) this.#dropDeadline(entry);
    else {
      entry.deadline = moment;
      this.#deadlines.put(entry);
    }
    this.#tell(entry.key);
  }

  clear() {
    for (const key of this.#watchers.keys()) if (this.#entries.has(key)) this.#tell(key);
    this.#entries = new Map();
    this.#dense = [];
    this.#deadlines = new Deadlines();
    this.octets = 0;
    this.changes++;
  }

  /**
   * Remove what is over.
   *
   * @param {number} until  performance.now() at which to stop
   * @returns {boolean}  nothing is left that is over
   */
  expire(until) {
    for (let count = 1; this.soonest?.deadline <= this.now; count++) {
      this.#endLife(this.soonest);
      if (count % 64 === 0 && performance.now() > until) return false;
    }
    return true;
  }

  /** @returns {Entry}  any; there is one */
  random() {
    return this.#dense[Math.floor(Math.random() * this.#dense.length)];
  }

  /** Those whose lifetime is not over. @returns {Generator<Entry>} */
  *entries() {
    for (const entry of this.#dense) if (entry.deadline > this.now) yield entry;
  }

  /**
   * Some entries, from the end of the dense array to its beginning.
   *
   * A removal moves the last entry to a lower place. Going downwards, that is an entry already
   * given, so whatever is there from beginning to end of a scan is given at least once.
   *
   * @param {number} cursor  0 begins
   * @returns {{next: number, entries: Entry[]}}  next is 0 at the end
   */
  scan(cursor, count) {
    const end = cursor === 0 ? this.#dense.length : Math.min(cursor, this.#dense.length);
    const next = Math.max(end - count, 0);
    const entries = this.#dense.slice(next, end).filter((entry) => entry.deadline > this.now);
    return { next, entries };
  }

  watch(key, client) {
    if (!this.#watchers.has(key)) this.#watchers.set(key, new Set());
    this.#watchers.get(key).add(client);
    client.watched.add(key);
  }

  unwatch(client) {
    for (const key of client.watched) {
      const watchers = this.#watchers.get(key);
      watchers.delete(client);
      if (watchers.size === 0) this.#watchers.delete(key);
    }
    client.watched.clear();
  }

  #insert(key, value) {
    const entry = new Entry(key, value);
    this.#entries.set(key, entry);
    entry.at = this.#dense.push(entry) - 1;
    this.#use(entry);
    return entry;
  }

  /** For eviction: recency as a count of uses, frequency halved with every idle minute. */
  #use(entry) {
    const minute = Math.floor(this.now / 60_000);
    entry.uses = usesBy(entry, minute) + 1;
    entry.minute = minute;
    entry.lastUse = ++this.#uses;
  }

  #endLife(entry) {
    this.expired++;
    this.drop(entry);
  }

  #dropDeadline(entry) {
    entry.deadline = Infinity;
    this.#deadlines.remove(entry);
  }

  #tell(key) {
    this.changes++;
    const watchers = this.#watchers.get(key);
    if (watchers === undefined) return;
    for (const client of watchers) client.touched = true;
  }
}

/** How often an entry was used, seen from a minute. */
export function usesBy(entry, minute) {
  return minute > entry.minute ? entry.uses / 2 ** (minute - entry.minute) : entry.uses;
}
