/**
 * What stands around every handler. Middleware is a function that takes a handler and gives one;
 * the outermost sees the request first and the answer last.
 *
 * @typedef {{status: number, fields: object, body?: string}} Answer
 * @typedef {(asked: import('./http.js').Asked) => Promise<Answer>} Handler
 */

import { Trouble } from './errors.js';
import { answerTo } from './problems.js';

/**
 * Errors become answers, and those that are ours a line in the log.
 *
 * @param {Handler} inside
 * @returns {Handler}
 */
export function recovered(inside) {
  return async (asked) => {
    try {
      return await inside(asked);
    } catch (error) {
      const answer = answerTo(error);
      if (answer.status >= 500) log(asked, error);
      return answer;
    }
  };
}

function log(asked, error) {
  const why = error?.reason ?? error?.stack ?? String(error);
  console.error(`${asked.method} failed: ${why}`.slice(0, 1_000));
}

/**
 * Refuses what is wrong with a request wherever it goes. node:http would refuse it too, with an
 * answer that is no problem document.
 *
 * @param {Handler} inside
 * @returns {Handler}
 */
export function wellFormed(inside) {
  return async (asked) => {
    if (asked.field('host') === undefined && asked.version === '1.1') {
      throw new Trouble('request', 'The field Host is missing.');
    }
    const expected = asked.field('expect');
    if (expected !== undefined && expected.toLowerCase() !== '100-continue') {
      throw new Trouble('expectation', 'Of expectations only 100-continue is known.');
    }
    return inside(asked);
  };
}
