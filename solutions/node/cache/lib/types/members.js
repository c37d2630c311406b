/**
 * A set: a Map from member to its place in a dense array, so that one can be chosen at random.
 * A removal moves the last member into the gap: all operations are O(1).
 */

import { SET, SET_MEMBER } from '../sizes.js';

export class Members {
  static type = 'set';

  /** @type {Map<string, number>} */
  #places = new Map();
  /** @type {string[]} */
  #dense = [];
  octets = SET;

  get size() {
    return this.#dense.length;
  }

  has(member) {
    return this.#places.has(member);
  }

  /** @returns {boolean}  it is new */
  add(member) {
    if (this.#places.has(member)) return false;
    this.#places.set(member, this.#dense.push(member) - 1);
    this.octets += SET_MEMBER + member.length;
    return true;
  }

  /** @returns {boolean}  it was there */
  delete(member) {
    const place = this.#places.get(member);
    if (place === undefined) return false;
    this.#places.delete(member);
    const last = this.#dense.pop();
    if (last !== member) {
      this.#dense[place] = last;
      this.#places.set(last, place);
    }
    this.octets -= SET_MEMBER + member.length;
    return true;
  }

  /** @returns {string}  any; there is one */
  random() {
    return this.#dense[Math.floor(Math.random() * this.#dense.length)];
  }

  [Symbol.iterator]() {
    return this.#dense[Symbol.iterator]();
  }
}
