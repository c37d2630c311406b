/**
 * The octets of a command whose end has not come.
 *
 * They are copied out of the chunk that brought them, which has 64 KiB and may be needed for
 * three octets of it. Segments double up to a limit, so that little is empty and nothing is
 * copied twice, however small the pieces are.
 */

import { SEGMENT_FIRST, SEGMENT_MOST } from './limits.js';

export class Backlog {
  /** @type {Buffer[]} */
  #full = [];
  /** @type {Buffer | null} */
  #open = null;
  #used = 0;
  size = 0;

  /** @param {Buffer} piece */
  add(piece) {
    this.size += piece.length;
    for (let at = 0; at < piece.length; ) {
      if (this.#open === null || this.#used === this.#open.length) this.#grow();
      const copied = piece.copy(this.#open, this.#used, at);
      this.#used += copied;
      at += copied;
    }
  }

  /** All of it as one piece; the backlog is empty afterwards. @returns {Buffer} */
  take() {
    const last = this.#open.subarray(0, this.#used);
    const whole = this.#full.length === 0 ? last : Buffer.concat([...this.#full, last], this.size);
    this.#full = [];
    this.#open = null;
    this.size = 0;
    return whole;
  }

  #grow() {
    if (this.#open !== null) this.#full.push(this.#open);
    const length = this.#open === null ? SEGMENT_FIRST : Math.min(this.#open.length * 2, SEGMENT_MOST);
    this.#open = Buffer.allocUnsafeSlow(length);
    this.#used = 0;
  }
}
