/**
 * Where a command ends, in octets that arrive in any pieces.
 *
 *   *2␍␊ $3␍␊ GET␍␊ $5␍␊ alpha␍␊          two bulk strings
 *   GET alpha␊                              the same, inline
 *
 * Framing comes before parsing. While the end has not come the octets are kept as they are, and
 * each is looked at once: a command costs what was sent of it, whatever it announces. When the
 * end is there, `readWords` reads the whole.
 *
 * Everything is latin1: one octet, one character, and back.
 */

import { Backlog } from './backlog.js';
import { ProtocolError } from './errors.js';
import { splitInline } from './inline.js';
import { MAX_BULK, MAX_COMMAND, MAX_COUNT, MAX_LINE, MAX_WORDS } from './limits.js';
import { readWords } from './resp.js';

const NOTHING = Buffer.alloc(0);
const [CR, LF, ZERO, NINE, STAR, DOLLAR] = Buffer.from('\r\n09*$');
/** Strict: no plus sign, no leading zero, no space. */
const NUMBER = /^(?:0|-?[1-9][0-9]{0,18})$/;

export class Framer {
  #backlog = new Backlog();
  #chunk = NOTHING;
  #at = 0;
  /** Octets of the chunks before this one. */
  #before = 0;
  /** Where in the chunk the bulk strings of the command at hand begin, or go on. */
  #from = 0;
  #count = 0;
  /** Bulk strings still to come, and octets of the one at hand, with its CRLF. */
  #left = 0;
  #octets = 0;
  /** A line whose end has not come. */
  #line = '';

  /** Octets since the beginning that belong to commands given out, or to nothing. */
  get position() {
    return this.#before + this.#at;
  }

  /** More octets; those before must have been asked for until `next` gave null. */
  push(chunk) {
    this.#before += this.#chunk.length;
    this.#chunk = chunk;
    this.#at = 0;
    this.#from = 0;
  }

  /**
   * The words of the next command, or null when its end has not come.
   *
   * @returns {string[] | null}
   * @throws {ProtocolError}
   */
  next() {
    while (this.#at < this.#chunk.length) {
      const words = this.#octets > 0 ? this.#passOctets() : this.#passLine();
      if (words !== null) return words;
    }
    this.#keep();
    return null;
  }

  #passOctets() {
    const here = Math.min(this.#octets, this.#chunk.length - this.#at);
    this.#at += here;
    this.#octets -= here;
    if (this.#octets > 0 || --this.#left > 0) return null;
    return this.#finish();
  }

  #passLine() {
    const kind = this.#left > 0 ? DOLLAR : STAR;
    const number = this.#quickNumber(kind);
    if (number >= 0) return kind === STAR ? this.#begin(number) : this.#announce(number);
    const line = this.#restOfLine();
    if (line === null) return null;
    if (kind === STAR && line[0] !== '*') return this.#inline(line);
    return kind === STAR ? this.#begin(count(line)) : this.#announce(length(line));
  }

  /** `*count`: a count of 0 or -1 is no command, and passed over. */
  #begin(number) {
    if (number > MAX_COUNT) throw new ProtocolError('invalid multibulk length');
    this.#count = this.#left = Math.max(number, 0);
    this.#from = this.#at;
    return null;
  }

  /** `$length` */
  #announce(number) {
    if (number > MAX_BULK) throw new ProtocolError('invalid bulk length');
    if (this.#count - this.#left >= MAX_WORDS) throw new ProtocolError('too many arguments');
    this.#octets = number + 2;
    return null;
  }

  #inline(line) {
    const words = splitInline(line.endsWith('\r') ? line.slice(0, -1) : line);
    return words.length > 0 ? words : null;
  }

  #finish() {
    if (this.#backlog.size === 0) return readWords(this.#chunk, this.#from, this.#count);
    this.#backlog.add(this.#chunk.subarray(this.#from, this.#at));
    return readWords(this.#backlog.take(), 0, this.#count);
  }

  #keep() {
    if (this.#left > 0) {
      this.#backlog.add(this.#chunk.subarray(this.#from, this.#at));
      if (this.#backlog.size > MAX_COMMAND) throw new ProtocolError('the command is too large');
    }
    this.#before += this.#chunk.length;
    this.#chunk = NOTHING;
    this.#at = this.#from = 0;
  }

  /** The usual line, whole and of a few digits, in one pass; or -1, and nothing has been read. */
  #quickNumber(kind) {
    const chunk = this.#chunk;
    let at = this.#at;
    if (this.#line !== '' || chunk[at++] !== kind) return -1;
    const first = at;
    let number = 0;
    for (; chunk[at] >= ZERO && chunk[at] <= NINE; at++) number = number * 10 + chunk[at] - ZERO;
    const digits = at - first;
    if (digits === 0 || digits > 9 || (digits > 1 && chunk[first] === ZERO)) return -1;
    if (chunk[at] !== CR || chunk[at + 1] !== LF) return -1;
    this.#at = at + 2;
    return number;
  }

  /** Up to LF, which is not part of it; or null, and what is there of it is remembered. */
  #restOfLine() {
    const lf = this.#chunk.indexOf(LF, this.#at);
    const end = lf === -1 ? this.#chunk.length : lf;
    const line = this.#line + this.#chunk.latin1Slice(this.#at, end);
    this.#at = lf === -1 ? end : lf + 1;
    this.#line = lf === -1 ? line : '';
    if (line.length > MAX_LINE) throw new ProtocolError(tooLong(line));
    return lf === -1 ? null : line;
  }
}

function count(line) {
  const number = decimal(line);
  if (number === null) throw new ProtocolError('invalid multibulk length');
  return number;
}

function length(line) {
  if (line[0] !== '$') {
    throw new ProtocolError(`expected '$', got '${line.slice(0, 1).replace(/[^ -~]/, '?')}'`);
  }
  const number = decimal(line);
  if (number === null || number < 0) throw new ProtocolError('invalid bulk length');
  return number;
}

/** The number behind the first octet of a line that ends with CR, or null. */
function decimal(line) {
  const digits = line.slice(1, -1);
  return line.endsWith('\r') && NUMBER.test(digits) ? Number(digits) : null;
}

function tooLong(line) {
  if (line[0] === '*') return 'too big mbulk count string';
  return line[0] === '$' ? 'too big bulk count string' : 'too big inline request';
}
