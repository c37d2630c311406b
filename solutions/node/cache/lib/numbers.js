/**
 * Numbers as octets. Strict: no space, no plus sign before an integer, no leading zero.
 *
 * An integer has 64 bits, a JavaScript number holds 53 of them exactly. What a number cannot
 * hold is a bigint; `add64` is exact either way.
 */

import { err, notFloat, notInteger } from './errors.js';

const INTEGER = /^(?:0|-?[1-9][0-9]{0,18})$/;
const FLOAT = /^[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|(inf(?:inity)?))$/i;
const MAX_64 = 2n ** 63n - 1n;
const MIN_64 = -(2n ** 63n);
/** So many digits are exact as a number. */
const EXACT_DIGITS = 15;

/** @returns {boolean}  an integer of 64 bits, written in the one way there is */
export function isInteger(text) {
  if (!INTEGER.test(text)) return false;
  return text.length <= 18 || within64(BigInt(text));
}

/** For counts, indexes and times: beyond 2^53 it is near, and that is far enough. */
export function integer(text) {
  if (!isInteger(text)) throw notInteger();
  return Number(text);
}

/** @returns {number}  0 or more */
export function positive(text) {
  const number = isInteger(text) ? Number(text) : -1;
  if (number < 0) throw err('value is out of range, must be positive');
  return number;
}

/** @returns {number | bigint} */
export function exact(text) {
  if (!isInteger(text)) throw notInteger();
  return text.length <= EXACT_DIGITS ? Number(text) : BigInt(text);
}

/**
 * The sum of an integer in octets and another.
 *
 * @param {string} text
 * @param {number | bigint} delta
 * @returns {number | bigint}
 */
export function add64(text, delta) {
  const number = exact(text);
  if (typeof number === 'number' && typeof delta === 'number') return number + delta;
  const sum = BigInt(number) + BigInt(delta);
  if (!within64(sum)) throw err('increment or decrement would overflow');
  return sum;
}

/** @returns {number | bigint}  minus the integer, where there is one */
export function negated(text) {
  const number = exact(text);
  if (number === MIN_64) throw err('decrement would overflow');
  return -number;
}

function within64(number) {
  return number >= MIN_64 && number <= MAX_64;
}

/** @returns {number}  never NaN */
export function float(text) {
  const match = FLOAT.exec(text);
  if (match === null) throw notFloat();
  if (match[1] !== undefined) return text[0] === '-' ? -Infinity : Infinity;
  return Number(text);
}

/** The shortest decimal that is read back as the same double. @param {number} value */
export function formatDouble(value) {
  if (value === Infinity) return 'inf';
  return value === -Infinity ? '-inf' : String(value);
}
