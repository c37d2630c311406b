/**
 * What the client sends, pulled rather than pushed.
 *
 * Nothing is read from the socket before somebody asks for more, so a client that sends
 * faster than its requests are handled fills the kernel's buffer and then waits. `line` and
 * `take` never wait: they give what is here, or null, and the caller decides how long to
 * wait in `more`.
 *
 * Every byte is looked at once. The beginning of an unfinished line is kept as a string
 * that V8 grows as a rope, so that a head sent byte by byte stays linear. Heads are latin1:
 * one byte, one character, and back.
 */

import { TimedOut, faulty } from './errors.js';

const LF = 0x0a;
const NOTHING = Buffer.alloc(0);

export class LineTooLong extends Error {
  /** @param {string} start  what has been read of the line */
  constructor(start) {
    super('a line is too long');
    this.start = start;
  }
}

export class Input {
  #socket;
  #chunk = NOTHING;
  #at = 0;
  #lineStart = '';
  #over = false;
  #patience = Infinity;
  #wake = () => {};

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.#socket = socket;
    for (const event of ['readable', 'end', 'close']) socket.on(event, () => this.#wake());
  }

  /** Some bytes of a line are here, and its end is not. */
  get insideLine() {
    return this.#lineStart !== '';
  }

  /** Bytes are here that nobody has asked for yet. */
  get hasBytes() {
    return this.#at < this.#chunk.length || this.#socket.readableLength > 0;
  }

  /**
   * The next line without its CRLF, or null when its end has not arrived.
   *
   * @param {number} limit  characters allowed before the CRLF
   * @returns {string | null}
   * @throws {LineTooLong}
   * @throws {import('./errors.js').Refusal}  400 for a bare CR or LF
   */
  line(limit) {
    const lf = this.#chunk.indexOf(LF, this.#at);
    const end = lf === -1 ? this.#chunk.length : lf;
    const text = this.#lineStart + this.#chunk.latin1Slice(this.#at, end);
    this.#at = lf === -1 ? end : lf + 1;
    this.#lineStart = lf === -1 ? text : '';
    if (text.length > limit + 1) throw new LineTooLong(text);
    if (lf === -1) return null;
    if (!text.endsWith('\r')) throw faulty('A line ends with LF without CR.');
    const line = text.slice(0, -1);
    if (line.includes('\r')) throw faulty('A line holds a bare CR.');
    return line;
  }

  /**
   * Up to `max` bytes, at least one, or null when none is here.
   *
   * @param {number} max
   */
  take(max) {
    if (this.#at === this.#chunk.length) return null;
    const piece = this.#chunk.subarray(this.#at, this.#at + max);
    this.#at += piece.length;
    return piece;
  }

  /**
   * Wait for bytes.
   *
   * @param {number} ms
   * @returns {Promise<boolean>}  false when there will be no more
   * @throws {TimedOut}
   */
  async more(ms) {
    const began = performance.now();
    for (;;) {
      if (this.#over) return false;
      const chunk = this.#socket.read();
      if (chunk !== null) {
        this.#chunk = chunk;
        this.#at = 0;
        return true;
      }
      if (this.#socket.readableEnded || this.#socket.destroyed) return false;
      await this.#event(began + Math.min(ms, this.#patience) - performance.now());
    }
  }

  /** Wait for no piece longer than `ms` from now on. */
  hurry(ms) {
    this.#patience = ms;
    this.#wake();
  }

  /** Behave from now on as if the client had finished sending. */
  abandon() {
    this.#over = true;
    this.#wake();
  }

  #event(ms) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#wake = () => {};
        reject(new TimedOut());
      }, Math.max(ms, 0));
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
    });
  }
}
