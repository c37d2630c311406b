/**
 * Keys by the moment at which they end: a binary heap in an array.
 *
 *               [0] ends first
 *          [1]          [2]            the parent of [i] is [(i - 1) >> 1]
 *       [3]   [4]    [5]   [6]
 *
 * Each entry knows its place, so a lifetime that is changed or taken away costs O(log n) and
 * leaves nothing behind. The same order answers two questions: what is over, and what ends soonest
 * (volatile-ttl).
 */

/** @typedef {import('./keyspace.js').Entry} Entry */

export class Deadlines {
  /** @type {Entry[]} */
  #heap = [];

  get size() {
    return this.#heap.length;
  }

  /** @returns {Entry | undefined} */
  get first() {
    return this.#heap[0];
  }

  /** @param {Entry} entry  its deadline is new, or another than before */
  put(entry) {
    if (entry.heapAt === -1) entry.heapAt = this.#heap.push(entry) - 1;
    this.#sink(this.#rise(entry.heapAt));
  }

  /** @param {Entry} entry */
  remove(entry) {
    const at = entry.heapAt;
    if (at === -1) return;
    entry.heapAt = -1;
    const last = this.#heap.pop();
    if (last === entry) return;
    this.#place(last, at);
    this.#sink(this.#rise(at));
  }

  #rise(at) {
    const entry = this.#heap[at];
    while (at > 0) {
      const parent = this.#heap[(at - 1) >> 1];
      if (parent.deadline <= entry.deadline) break;
      this.#place(parent, at);
      at = (at - 1) >> 1;
    }
    return this.#place(entry, at);
  }

  #sink(at) {
    const entry = this.#heap[at];
    for (;;) {
      const left = 2 * at + 1;
      if (left >= this.#heap.length) break;
      const child = left + (this.#heap[left + 1]?.deadline < this.#heap[left].deadline ? 1 : 0);
      if (this.#heap[child].deadline >= entry.deadline) break;
      this.#place(this.#heap[child], at);
      at = child;
    }
    return this.#place(entry, at);
  }

  #place(entry, at) {
    this.#heap[at] = entry;
    entry.heapAt = at;
    return at;
  }
}
