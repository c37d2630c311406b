/**
 * RESP, from octets to words and from values to octets.
 *
 *   a command      $3␍␊ GET␍␊ $5␍␊ alpha␍␊           ['GET', 'alpha']
 *   a reply        'bravo'      $5␍␊ bravo␍␊
 *                  3            :3␍␊                   number or bigint
 *                  null         $-1␍␊                  RESP3: _␍␊
 *                  ['a', 3]     *2␍␊ $1␍␊ a␍␊ :3␍␊
 *                  Map, Set     flat arrays            RESP3: % and ~
 *   anything else writes itself: see replies.js
 *
 * A command is a function from words to such a value and knows neither protocol.
 */

import { ProtocolError, err } from './errors.js';
import { MAX_VALUE } from './limits.js';

const [CR, LF, ZERO] = Buffer.from('\r\n0');

/**
 * The words of a command that is whole: the framer has read its lines already.
 *
 * @param {Buffer} octets
 * @param {number} at  where the first `$` stands
 * @param {number} count
 * @throws {ProtocolError}  a length says otherwise than the CRLF behind
 */
export function readWords(octets, at, count) {
  const words = [];
  while (count-- > 0) {
    let length = 0;
    for (at += 1; octets[at] !== CR; at++) length = length * 10 + octets[at] - ZERO;
    const end = at + 2 + length;
    if (octets[end] !== CR || octets[end + 1] !== LF) throw new ProtocolError('expected CRLF');
    if (length > MAX_VALUE) throw err(`an argument has at most ${MAX_VALUE} octets here`);
    words.push(octets.latin1Slice(at + 2, end));
    at = end + 2;
  }
  return words;
}

/** The same, written, for the log. @param {string[]} words */
export function writeWords(out, words) {
  out.add(`*${words.length}\r\n`);
  for (const word of words) writeBulk(out, word);
}

/**
 * @param {{add(text: string): void}} out
 * @param {any} value
 * @param {2 | 3} protocol
 */
export function writeReply(out, value, protocol) {
  if (typeof value === 'string') writeBulk(out, value);
  else if (typeof value === 'number' || typeof value === 'bigint') out.add(`:${value}\r\n`);
  else if (value === null) out.add(protocol === 3 ? '_\r\n' : '$-1\r\n');
  else if (Array.isArray(value)) writeItems(out, '*', value, value.length, protocol);
  else if (value instanceof Map) writeMap(out, value, protocol);
  else if (value instanceof Set) {
    writeItems(out, protocol === 3 ? '~' : '*', value, value.size, protocol);
  } else value.writeTo(out, protocol);
}

/** A long string waits as it is, and is not copied into the text around it. */
export function writeBulk(out, text) {
  if (text.length < 1024) return out.add(`$${text.length}\r\n${text}\r\n`);
  out.add(`$${text.length}\r\n`);
  out.add(text);
  out.add('\r\n');
}

/** @param {Iterable<any>} items */
export function writeItems(out, sign, items, count, protocol) {
  out.add(`${sign}${count}\r\n`);
  for (const item of items) writeReply(out, item, protocol);
}

function writeMap(out, map, protocol) {
  out.add(protocol === 3 ? `%${map.size}\r\n` : `*${map.size * 2}\r\n`);
  for (const [key, value] of map) {
    writeReply(out, key, protocol);
    writeReply(out, value, protocol);
  }
}
