/**
 * Errors as answers: application/problem+json (RFC 9457).
 *
 *   Trouble('stale', 'The to-do has changed.')
 *   412   {"title": "Precondition Failed", "status": 412, "detail": "The to-do has changed."}
 *
 * `type` is left out, which makes it about:blank: then `title` is the phrase of the status.
 */

import { STATUS_CODES } from 'node:http';

import { Trouble } from './errors.js';

/** Which kind of trouble becomes which status. */
export const KINDS = {
  'not JSON': 400,
  query: 400,
  key: 400,
  request: 400,
  'no such place': 404,
  'no such to-do': 404,
  method: 405,
  slow: 408,
  stale: 412,
  'too large': 413,
  'media type': 415,
  expectation: 417,
  members: 422,
  'key in use': 422,
  unguarded: 428,
  'long head': 431,
  away: 503,
};

const FIELDS = { 503: { 'Retry-After': '1' } };

/** The answer to any error. What nobody foresaw is a 500 that says nothing more. */
export function answerTo(error) {
  const { kind, message, members, fields } = error instanceof Trouble ? error : new Unforeseen();
  const status = KINDS[kind] ?? 500;
  const document = { title: STATUS_CODES[status], status, detail: message, ...members };
  const type = { 'Content-Type': 'application/problem+json' };
  const body = JSON.stringify(document);
  return { status, fields: { ...type, ...FIELDS[status], ...fields }, body };
}

class Unforeseen extends Trouble {
  constructor() {
    super('unforeseen', 'Something went wrong in the service.');
  }
}
