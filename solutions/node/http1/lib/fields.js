/** Field lines: reading one, and looking up many. RFC 9110 §5, RFC 9112 §5. */

import { faulty } from './errors.js';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Control characters other than HTAB; obs-text (0x80 and above) is allowed. */
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/**
 * @param {string} line  without its CRLF
 * @returns {[name: string, value: string]}  the name in lower case
 */
export function parseFieldLine(line) {
  if (line[0] === ' ' || line[0] === '\t') {
    throw faulty('A field line begins with white space (RFC 9112 §5.2).');
  }
  const colon = line.indexOf(':');
  if (colon === -1) throw faulty('A field line has no colon.');
  const name = line.slice(0, colon);
  if (!TOKEN.test(name)) {
    throw faulty('A field name is empty or holds a character that is not allowed (RFC 9112 §5.1).');
  }
  const value = trimSpace(line.slice(colon + 1));
  if (CONTROL.test(value)) throw faulty('A field value holds a control character (RFC 9110 §5.5).');
  return [name.toLowerCase(), value];
}

/** Without spaces and tabs at both ends. `trim` would also take NBSP, which is a byte here. */
export function trimSpace(text) {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isSpace(code) {
  return code === 0x20 || code === 0x09;
}

/** The field lines of one message, in the order in which they came. */
export class Fields {
  /** @type {[string, string][]} */
  #lines = [];
  /** @type {Map<string, string[]>} */
  #values = new Map();

  add(name, value) {
    this.#lines.push([name, value]);
    const values = this.#values.get(name);
    if (values) values.push(value);
    else this.#values.set(name, [value]);
  }

  /** @returns {string[]}  the values of all lines with this name */
  all(name) {
    return this.#values.get(name) ?? [];
  }

  has(name) {
    return this.#values.has(name);
  }

  /** @returns {string | undefined}  several lines are one list (RFC 9110 §5.2) */
  get(name) {
    return this.#values.get(name)?.join(', ');
  }

  /** The elements of a comma-separated list; empty ones do not count (RFC 9110 §5.6.1). */
  list(name) {
    return this.all(name).flatMap((value) => value.split(',').map(trimSpace).filter(Boolean));
  }

  [Symbol.iterator]() {
    return this.#lines[Symbol.iterator]();
  }
}
