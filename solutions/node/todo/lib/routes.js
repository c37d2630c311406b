/**
 * Paths and methods to handlers.
 *
 *   GET /todos/x%79      the row of /todos/{id}, with id "xy"
 *   PATCH /todos         405, Allow: GET, HEAD, POST
 *
 * A path is split before it is decoded: %2F is a character of a segment, and separates nothing.
 */

import { Trouble } from './errors.js';
import { MAX_ID } from './limits.js';

/**
 * @param {[RegExp, Record<string, Function>][]} table  a path, whose group is an id; what may be
 *     done there, by method: what was asked, and the id, to an answer
 * @returns {import('./middleware.js').Handler}
 */
export function routed(table) {
  return async (asked) => {
    const [methods, id] = place(table, asked.path);
    // HEAD is GET whose body is not sent; leaving it out is the writer's business.
    const method = asked.method === 'HEAD' ? 'GET' : asked.method;
    if (Object.hasOwn(methods, method)) return methods[method](asked, id);
    const fields = { Allow: allowed(methods) };
    throw new Trouble('method', `Here one may ask: ${fields.Allow}.`, { fields });
  };
}

function place(table, path) {
  for (const [pattern, methods] of table) {
    const found = path.match(pattern);
    if (found === null) continue;
    if (found[1] === undefined) return [methods];
    const id = decoded(found[1]);
    if (id.length <= MAX_ID && /^[A-Za-z0-9_-]+$/.test(id)) return [methods, id];
  }
  throw new Trouble('no such place', 'There is nothing here.');
}

function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return ''; // %zz, or octets that are no UTF-8: nobody's id
  }
}

function allowed(methods) {
  return Object.keys(methods)
    .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method))
    .join(', ');
}
