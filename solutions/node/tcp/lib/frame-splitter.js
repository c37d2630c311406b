/**
 * Bytes in any pieces → frames. A frame is a length of four bytes, most significant first,
 * then as many bytes:
 *
 *   00 00 00 05  61 6c 70 68 61     "alpha"
 *   00 00 00 00                     a heartbeat
 *
 * A frame that lies whole in one read is a view of it, not a copy. For one that does not,
 * memory is taken as its bytes arrive, never on the word of its length: four bytes that
 * promise a mebibyte cost four bytes.
 */

const PREFIX = 4;
const FIRST_ALLOCATION = 1024;
const NOTHING = Buffer.alloc(0);

export class FrameTooLong extends Error {}

export class FrameSplitter {
  #limit;
  #kept = NOTHING;
  #keptLength = 0;

  /** @param {number} limit  the largest length allowed */
  constructor(limit) {
    this.#limit = limit;
  }

  /**
   * @param {Buffer} bytes
   * @returns {Generator<Buffer>} complete frames, their length included
   * @throws {FrameTooLong}
   */
  *push(bytes) {
    let at = 0;
    if (this.#keptLength > 0) {
      at = this.#fill(bytes);
      if (!this.#keptIsWhole()) return;
      yield this.#kept.subarray(0, this.#keptLength);
      this.#kept = NOTHING;
      this.#keptLength = 0;
    }
    while (bytes.length - at >= PREFIX) {
      const end = at + PREFIX + this.#lengthAt(bytes, at);
      if (end > bytes.length) break;
      yield bytes.subarray(at, end);
      at = end;
    }
    this.#keep(bytes, at, bytes.length);
  }

  #lengthAt(bytes, at) {
    const length = bytes.readUInt32BE(at);
    if (length > this.#limit) {
      throw new FrameTooLong(`a frame of ${length} bytes is above the limit of ${this.#limit}`);
    }
    return length;
  }

  /** Move into the kept frame what belongs to it; returns where the next frame begins. */
  #fill(bytes) {
    let at = 0;
    if (this.#keptLength < PREFIX) {
      at = this.#keep(bytes, 0, Math.min(PREFIX - this.#keptLength, bytes.length));
      if (this.#keptLength < PREFIX) return at;
    }
    const missing = PREFIX + this.#lengthAt(this.#kept, 0) - this.#keptLength;
    return this.#keep(bytes, at, Math.min(at + missing, bytes.length));
  }

  #keptIsWhole() {
    return (
      this.#keptLength >= PREFIX &&
      this.#keptLength === PREFIX + this.#kept.readUInt32BE(0)
    );
  }

  #keep(bytes, start, end) {
    const length = this.#keptLength + end - start;
    if (length > this.#kept.length) {
      const grown = Buffer.alloc(Math.max(length, 2 * this.#kept.length, FIRST_ALLOCATION));
      this.#kept.copy(grown, 0, 0, this.#keptLength);
      this.#kept = grown;
    }
    bytes.copy(this.#kept, this.#keptLength, start, end);
    this.#keptLength = length;
    return end;
  }
}
