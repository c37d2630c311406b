/** When something ends, from the four ways to say it. */

import { err } from '../errors.js';
import { integer } from '../numbers.js';

/** Milliseconds are counted in 64 bits. */
const LAST = 2 ** 63;

/**
 * @param {string} option  ex and px count from now, exat and pxat from 1970
 * @param {string} text  seconds for ex and exat, milliseconds otherwise
 * @param {number} now
 * @param {string} name  of the command
 * @param {boolean} [past]  0 and less are a time too: it is over
 * @returns {number}  milliseconds since 1970
 */
export function momentOf(option, text, now, name, past = false) {
  const number = integer(text);
  const milliseconds = option.startsWith('ex') ? number * 1000 : number;
  const moment = option.endsWith('at') ? milliseconds : now + milliseconds;
  if (Math.abs(moment) >= LAST || (number <= 0 && !past)) {
    throw err(`invalid expire time in '${name}' command`);
  }
  return moment;
}
