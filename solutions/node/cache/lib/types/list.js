/**
 * A list: a ring in an array, so that both ends are O(1), and so is the middle by its index.
 *
 *   capacity 8, head 6, size 4     [ c | d | . | . | . | . | a | b ]
 *
 * JavaScript's own `unshift` moves every element. LREM and LTRIM build the ring anew: O(n).
 */

import { LIST, LIST_ITEM } from '../sizes.js';

const SMALLEST = 4;

export class List {
  static type = 'list';

  #ring = new Array(SMALLEST).fill(null);
  #head = 0;
  size = 0;
  octets = LIST;

  pushLeft(item) {
    this.#makeRoom();
    this.#head = this.#slot(-1);
    this.#ring[this.#head] = item;
    this.#count(1, item);
  }

  pushRight(item) {
    this.#makeRoom();
    this.#ring[this.#slot(this.size)] = item;
    this.#count(1, item);
  }

  /** @returns {string}  there is one */
  popLeft() {
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = null;
    this.#head = this.#slot(1);
    this.#count(-1, item);
    return item;
  }

  /** @returns {string}  there is one */
  popRight() {
    const slot = this.#slot(this.size - 1);
    const item = this.#ring[slot];
    this.#ring[slot] = null;
    this.#count(-1, item);
    return item;
  }

  /** @param {number} index  from 0, below size */
  at(index) {
    return this.#ring[this.#slot(index)];
  }

  set(index, item) {
    const slot = this.#slot(index);
    this.octets += item.length - this.#ring[slot].length;
    this.#ring[slot] = item;
  }

  /** @returns {string[]}  from `start` up to `end`, both within the list */
  slice(start, end) {
    const first = this.#slot(start);
    const length = end - start;
    const part = this.#ring.slice(first, first + length);
    return part.length < length ? part.concat(this.#ring.slice(0, length - part.length)) : part;
  }

  /** Nothing but these. @param {string[]} items */
  fill(items) {
    let capacity = SMALLEST;
    while (capacity < items.length) capacity *= 2;
    this.octets = items.reduce((sum, item) => sum + item.length + LIST_ITEM, LIST);
    this.size = items.length;
    this.#head = 0;
    this.#ring = items.concat(new Array(capacity - items.length).fill(null));
  }

  #makeRoom() {
    if (this.size < this.#ring.length) return;
    const items = this.slice(0, this.size);
    this.#ring = items.concat(new Array(items.length).fill(null));
    this.#head = 0;
  }

  /** The capacity is a power of two: the mask is the modulo. */
  #slot(index) {
    return (this.#head + index) & (this.#ring.length - 1);
  }

  #count(sign, item) {
    this.size += sign;
    this.octets += sign * (item.length + LIST_ITEM);
  }
}
