/**
 * RESP2, as a client speaks it.
 *
 *   ['GET', 'todo:x7']     *2␍␊ $3␍␊ GET␍␊ $7␍␊ todo:x7␍␊
 *
 *   +OK␍␊                  'OK'
 *   :3␍␊                   3
 *   $4␍␊ milk␍␊            'milk'        $-1␍␊  null
 *   *2␍␊ :1␍␊ $-1␍␊        [1, null]     *-1␍␊  null
 *   -ERR what␍␊            a ReplyError, which is a value: the connection goes on
 *
 * Replies may come in any pieces. Each item is read once, when it is whole, so that many pieces
 * cost no more than few. Lengths are checked before anything is kept for them.
 *
 * Left out: RESP3. Payloads are taken for UTF-8; octets that are not become U+FFFD.
 */

import { MAX_DEPTH, MAX_ITEMS, MAX_LINE, MAX_REPLY } from './limits.js';

/** The server refuses: what it says. */
export class ReplyError extends Error {}

/** @param {string[]} words */
export function writeCommand(words) {
  return `*${words.length}\r\n${words.map(bulk).join('')}`;
}

const bulk = (word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`;

export class Replies {
  #tell;
  #unread = Buffer.alloc(0);
  /** Arrays that are not whole yet, the innermost last. @type {{items: any[], count: number}[]} */
  #open = [];
  #size = 0;

  /** @param {(reply: any) => void} tell  called for each reply that is whole */
  constructor(tell) {
    this.#tell = tell;
  }

  /** @param {Buffer} piece  @throws {Error}  it is no RESP, or too much of it */
  push(piece) {
    this.#unread = this.#unread.length === 0 ? piece : Buffer.concat([this.#unread, piece]);
    let at = 0;
    for (let item = readItem(this.#unread, at); item; item = readItem(this.#unread, at)) {
      this.#size += item.end - at;
      at = item.end;
      if (this.#size > MAX_REPLY) throw new Error('a reply is too long');
      this.#place(item);
    }
    this.#unread = this.#unread.subarray(at);
  }

  #place({ value, count }) {
    if (count > 0) {
      this.#open.push({ items: [], count });
      if (this.#open.length > MAX_DEPTH) throw new Error('arrays are too deep');
      return;
    }
    let whole = count === 0 ? [] : value;
    while (this.#open.length > 0) {
      const { items, count } = this.#open[this.#open.length - 1];
      if (items.push(whole) < count) return;
      whole = items;
      this.#open.pop();
    }
    this.#size = 0;
    this.#tell(whole);
  }
}

/**
 * One item: a value, or the count of an array, whose items follow.
 *
 * @param {Buffer} octets
 * @param {number} at
 * @returns {{value?: any, count?: number, end: number} | null}  null: it is not whole yet
 */
function readItem(octets, at) {
  const stop = octets.indexOf('\r\n', at);
  if (stop < 0 ? octets.length - at > MAX_LINE : stop - at > MAX_LINE) {
    throw new Error('a line is too long');
  }
  if (stop < 0) return null;
  const text = octets.toString('utf8', at + 1, stop);
  const end = stop + 2;
  switch (octets[at]) {
    case 0x2b /* + */:
      return { value: text, end };
    case 0x2d /* - */:
      return { value: new ReplyError(text), end };
    case 0x3a /* : */:
      return { value: number(text), end };
    case 0x24 /* $ */:
      return readPayload(octets, bounded(text, MAX_REPLY), end);
    case 0x2a /* * */:
      return readCount(bounded(text, MAX_ITEMS), end);
    default:
      throw new Error('no RESP');
  }
}

function readPayload(octets, length, from) {
  if (length < 0) return { value: null, end: from };
  const end = from + length + 2;
  if (octets.length < end) return null;
  if (octets.toString('latin1', end - 2, end) !== '\r\n') throw new Error('no end of line');
  return { value: octets.toString('utf8', from, end - 2), end };
}

function readCount(count, end) {
  return count < 0 ? { value: null, end } : { count, end };
}

function bounded(text, most) {
  const value = number(text);
  if (value < -1 || value > most) throw new Error('a length is out of bounds');
  return value;
}

function number(text) {
  if (!/^-?[0-9]{1,19}$/.test(text)) throw new Error('no number');
  return Number(text);
}
