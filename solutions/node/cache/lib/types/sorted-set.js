/**
 * A sorted set: a Map from member to score, and the same pairs in order.
 *
 * Between equal scores the members' octets decide, so the order is total and every pair has a
 * rank. Every question about an order comes down to ranks: "from score 3 on" is the rank of the
 * first pair that has 3 or more.
 */

import { SCORED_MEMBER, SORTED_SET } from '../sizes.js';
import { Ordered } from './ordered.js';

/** @typedef {{member: string, score: number}} Pair */

/** @param {Pair} a @param {Pair} b */
function compare(a, b) {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1;
  if (a.member === b.member) return 0;
  return a.member < b.member ? -1 : 1;
}

export class SortedSet {
  static type = 'zset';

  /** @type {Map<string, Pair>} */
  #pairs = new Map();
  /** @type {Ordered<Pair>} */
  #order = new Ordered(compare);
  octets = SORTED_SET;

  get size() {
    return this.#pairs.size;
  }

  /** @returns {number | undefined} */
  score(member) {
    return this.#pairs.get(member)?.score;
  }

  /** @param {string} member  new, or with another score than this */
  set(member, score) {
    this.delete(member);
    const pair = { member, score };
    this.#pairs.set(member, pair);
    this.#order.add(pair);
    this.octets += SCORED_MEMBER + member.length;
  }

  /** @returns {boolean}  it was there */
  delete(member) {
    const pair = this.#pairs.get(member);
    if (pair === undefined) return false;
    this.#pairs.delete(member);
    this.#order.delete(pair);
    this.octets -= SCORED_MEMBER + member.length;
    return true;
  }

  /** @returns {number}  from 0; the member is there */
  rank(member) {
    const pair = this.#pairs.get(member);
    return this.#order.rank((other) => compare(other, pair) >= 0);
  }

  /** How many have a score below this; or up to it, when it is included. */
  countBelow(score, including) {
    return this.#order.rank((pair) => (including ? pair.score > score : pair.score >= score));
  }

  /** @returns {Pair[]}  from rank `start` up to `end`, both within the set */
  slice(start, end) {
    return this.#order.slice(start, end);
  }
}
