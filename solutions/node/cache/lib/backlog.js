/**
 * The octets of a command whose end has not come.
 *
 * A chunk that is all of this command is kept as it came. A smaller piece is copied: what brought
 * it may have 64 KiB, and would be held for three octets. Copies go into segments that double up
 * to a limit, so that little is empty and nothing is copied twice, however small the pieces are.
 */

import { SEGMENT_FIRST, SEGMENT_MOST } from './limits.js';

export class Backlog {
  /** Pieces that are complete. @type {Buffer[]} */
  #full = [];
  /** @type {Buffer | null} */
  #open = null;
  #used = 0;
  size = 0;

  /** @param {Buffer} piece */
  add(piece) {
    this.size += piece.length;
    if (piece.length >= SEGMENT_MOST && piece.length * 2 >= piece.buffer.byteLength) {
      this.#close();
      this.#full.push(piece);
    } else this.#copy(piece);
  }

  /** All of it as one piece; the backlog is empty afterwards. @returns {Buffer} */
  take() {
    this.#close();
    const whole = this.#full.length === 1 ? this.#full[0] : Buffer.concat(this.#full, this.size);
    this.#full = [];
    this.size = 0;
    return whole;
  }

  #copy(piece) {
    for (let at = 0; at < piece.length; ) {
      if (this.#open === null || this.#used === this.#open.length) this.#grow();
      const copied = piece.copy(this.#open, this.#used, at);
      this.#used += copied;
      at += copied;
    }
  }

  #grow() {
    const length = this.#open === null ? SEGMENT_FIRST : this.#open.length * 2;
    this.#close();
    this.#open = Buffer.allocUnsafeSlow(Math.min(length, SEGMENT_MOST));
    this.#used = 0;
  }

  #close() {
    if (this.#open !== null) this.#full.push(this.#open.subarray(0, this.#used));
    this.#open = null;
  }
}
