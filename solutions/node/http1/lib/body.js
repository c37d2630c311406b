/**
 * Where the body of a request ends, and reading up to there. RFC 9112 §6 and §7.1.
 *
 * Two parsers that disagree about this are how requests are smuggled (§11.2), so everything
 * that can be read in two ways is refused.
 */

import { TimedOut, faulty } from './errors.js';
import { parseFieldLine } from './fields.js';
import { LineTooLong } from './input.js';
import {
  BODY_SILENCE_MS,
  MAX_BODY,
  MAX_CHUNK_LINE,
  MAX_EXTENSIONS,
  MAX_TRAILERS,
} from './limits.js';

/** chunk-size [ chunk-ext ]: white space is allowed only before a semicolon. */
const CHUNK_LINE = /^([0-9A-Fa-f]+)(?:[ \t]*(;[\t\x20-\x7e\x80-\xff]*))?$/;

/**
 * @param {import('./head.js').Head} head
 * @returns {number | 'chunked'}  the length; Infinity for one too long to count
 */
export function bodyLength(head) {
  const codings = head.fields.get('transfer-encoding');
  const lengths = head.fields.all('content-length');
  if (codings === undefined) return contentLength(lengths);
  if (lengths.length > 0) throw faulty('Two fields tell the length (RFC 9112 §6.3).');
  if (head.minor === 0) throw faulty('HTTP/1.0 has no Transfer-Encoding (RFC 9112 §6.1).');
  const names = head.fields.list('transfer-encoding').map((coding) => coding.toLowerCase());
  if (names.at(-1) !== 'chunked') throw faulty('The last coding is not chunked (RFC 9112 §6.3).');
  if (names.indexOf('chunked') < names.length - 1) {
    throw faulty('The body is chunked twice (RFC 9112 §6.1).');
  }
  if (names.length > 1) throw faulty('Of transfer codings this server knows only chunked.', 501);
  return 'chunked';
}

function contentLength(values) {
  if (values.length === 0) return 0;
  if (values.length > 1) throw faulty('Content-Length is repeated (RFC 9110 §8.6).');
  if (!/^[0-9]+$/.test(values[0])) throw faulty('Content-Length is not a number (RFC 9110 §8.6).');
  return countable(values[0], 10, 15);
}

/** Digits as a number, exactly; more digits than `most` are beyond every limit. */
function countable(digits, base, most) {
  const significant = digits.replace(/^0+/, '');
  return significant.length > most ? Infinity : parseInt(significant || '0', base);
}

/**
 * The body of one request, read piece by piece.
 *
 *   body.limit(1024);                       413 above
 *   for await (const piece of body) ...     at the pace of whoever asks
 */
export class Body {
  #input;
  #source;
  #beforeFirst;

  /**
   * @param {import('./input.js').Input} input
   * @param {number | 'chunked'} length
   * @param {(() => Promise<void>) | null} sendContinue  for a client that waits for 100
   */
  constructor(input, length, sendContinue) {
    this.#input = input;
    this.#source = length === 'chunked' ? new ChunkedSource() : new LengthSource(length);
    this.#beforeFirst = this.complete ? null : sendContinue;
  }

  get complete() {
    return this.#source.complete;
  }

  /** Refuse a body of more than `bytes`: at once when its length is known, else on the way. */
  limit(bytes) {
    this.#source.limit(bytes);
  }

  async *[Symbol.asyncIterator]() {
    for (let piece; (piece = await this.read()) !== null; ) yield piece;
  }

  /** @returns {Promise<Buffer | null>}  null when the body is complete */
  async read() {
    await this.#continueOnce();
    try {
      for (;;) {
        const piece = this.#source.pull(this.#input);
        if (piece !== null || this.complete) return piece;
        if (!(await this.#input.more(BODY_SILENCE_MS))) throw faulty('The body is not complete.');
      }
    } catch (error) {
      if (error instanceof TimedOut) throw faulty('The body took too long.', 408);
      throw error;
    }
  }

  /**
   * Could the rest be read and dropped, so that the connection can go on? Not when the
   * client waits for a 100 that it will not get: it may send the body or leave it out.
   */
  canBeDropped(most) {
    return this.complete || (this.#beforeFirst === null && this.#source.expecting <= most);
  }

  /** Read and drop the rest. @returns {Promise<boolean>}  false when it is more than `most` */
  async drop(most) {
    let dropped = 0;
    for await (const piece of this) {
      dropped += piece.length;
      if (dropped > most) return false;
    }
    return true;
  }

  async #continueOnce() {
    if (this.#beforeFirst === null) return;
    const sendContinue = this.#beforeFirst;
    this.#beforeFirst = null;
    await sendContinue();
  }
}

function checkLimit(length, limit) {
  if (length > limit) throw faulty(`A body of more than ${limit} bytes is refused.`, 413);
}

class LengthSource {
  /** @param {number} length */
  constructor(length) {
    /** Bytes still to come. */
    this.expecting = length;
    this.limit(MAX_BODY);
  }

  limit(bytes) {
    checkLimit(this.expecting, bytes);
  }

  get complete() {
    return this.expecting === 0;
  }

  pull(input) {
    if (this.complete) return null;
    const piece = input.take(this.expecting);
    if (piece !== null) this.expecting -= piece.length;
    return piece;
  }
}

/**
 *   5;ext=1⏎ alpha⏎ 0⏎ trailer: x⏎ ⏎
 *   size     data   last  trailers
 */
class ChunkedSource {
  /** Bytes of the current chunk that are still to come. */
  expecting = 0;
  complete = false;
  #state = this.#size;
  #announced = 0;
  #limit = MAX_BODY;
  #extensions = MAX_EXTENSIONS;
  #trailers = MAX_TRAILERS;

  limit(bytes) {
    this.#limit = bytes;
    checkLimit(this.#announced, bytes);
  }

  /** Data, or null when there is no more: complete, or not here yet. */
  pull(input) {
    try {
      while (!this.complete) {
        if (this.#state === this.#data) return this.#data(input);
        if (!this.#state(input)) return null;
      }
      return null;
    } catch (error) {
      if (!(error instanceof LineTooLong)) throw error;
      throw faulty('A chunk is longer than its size says, or a line between chunks is too long.');
    }
  }

  #size(input) {
    const line = input.line(MAX_CHUNK_LINE);
    if (line === null) return false;
    const match = CHUNK_LINE.exec(line);
    if (!match) throw faulty('A chunk has no valid size (RFC 9112 §7.1).');
    this.#extensions -= match[2]?.length ?? 0;
    if (this.#extensions < 0) throw faulty('The chunk extensions are too long (RFC 9112 §7.1.1).');
    this.expecting = countable(match[1], 16, 13);
    this.#announced += this.expecting;
    checkLimit(this.#announced, this.#limit);
    this.#state = this.expecting === 0 ? this.#trailer : this.#data;
    return true;
  }

  #data(input) {
    const piece = input.take(this.expecting);
    if (piece === null) return null;
    this.expecting -= piece.length;
    if (this.expecting === 0) this.#state = this.#dataEnd;
    return piece;
  }

  #dataEnd(input) {
    const line = input.line(0);
    if (line === null) return false;
    if (line !== '') throw faulty('No CRLF follows the data of a chunk (RFC 9112 §7.1).');
    this.#state = this.#size;
    return true;
  }

  /** Trailer fields must be well formed; nobody here uses them (RFC 9110 §6.5.1). */
  #trailer(input) {
    const line = input.line(this.#trailers);
    if (line === null) return false;
    if (line === '') {
      this.complete = true;
      return true;
    }
    parseFieldLine(line);
    this.#trailers -= line.length + 2;
    if (this.#trailers < 0) throw new LineTooLong(line);
    return true;
  }
}
