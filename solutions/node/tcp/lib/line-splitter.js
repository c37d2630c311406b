/**
 * Bytes in any pieces → lines.
 *
 *   push("al")        nothing yet
 *   push("pha\nbe")   "alpha\n"
 *   push("ta\n\n")    "beta\n", "\n"
 *
 * Each byte is looked at once: the pieces of an unfinished line are kept as they came and
 * joined when its LF arrives, so that a line sent byte by byte costs no more than a line
 * sent whole.
 */

const LF = 0x0a;
const NOTHING = Buffer.alloc(0);

export class LineTooLong extends Error {}

export class LineSplitter {
  #limit;
  #head = NOTHING;
  #headLength = 0;

  /** @param {number} limit  bytes allowed before the LF */
  constructor(limit) {
    this.#limit = limit;
  }

  /**
   * @param {Buffer} bytes
   * @returns {Generator<Buffer>} complete lines, LF included
   * @throws {LineTooLong} as soon as a line cannot be within the limit
   */
  *push(bytes) {
    let start = 0;
    for (;;) {
      const lf = bytes.indexOf(LF, start);
      const end = lf === -1 ? bytes.length : lf;
      if (this.#headLength + end - start > this.#limit) {
        throw new LineTooLong(`a line is longer than ${this.#limit} bytes`);
      }
      if (lf === -1) break;
      yield this.#complete(bytes.subarray(start, lf + 1));
      start = lf + 1;
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start));
  }

  #complete(tail) {
    if (this.#headLength === 0) return tail;
    const line = Buffer.concat([this.#head.subarray(0, this.#headLength), tail]);
    this.#head = NOTHING;
    this.#headLength = 0;
    return line;
  }

  /** Copy an unfinished line aside, into a buffer that doubles when it is full. */
  #keep(piece) {
    const length = this.#headLength + piece.length;
    if (length > this.#head.length) {
      const grown = Buffer.alloc(Math.min(Math.max(length, 2 * this.#head.length), this.#limit));
      this.#head.copy(grown, 0, 0, this.#headLength);
      this.#head = grown;
    }
    piece.copy(this.#head, this.#headLength);
    this.#headLength = length;
  }
}
