/**
 * What comes in, checked in layers: size, media type, JSON, members. Each may count on the one
 * before it. In the last, all that is wrong is collected before anything is said.
 *
 *   {"title": "", "done": 1}     422, errors for title and for done
 *
 * Checking is not cleaning: a title with <b> in it is a title.
 */

import { Trouble } from './errors.js';
import { MAX_BODY, MAX_KEY, MAX_PAGE, MAX_TITLE, USUAL_PAGE } from './limits.js';

/**
 * @typedef {{title: string, done: boolean}} Draft
 * @param {import('./http.js').Asked} asked
 * @param {string[]} needed  members that may not be missing
 * @returns {Promise<{draft: Draft, octets: Buffer}>}
 */
export async function draftIn(asked, needed) {
  const octets = await asked.body(MAX_BODY);
  const type = (asked.field('content-type') ?? '').split(';', 1)[0].trim().toLowerCase();
  if (type !== 'application/json') {
    throw new Trouble('media type', 'The body must be application/json.');
  }
  const given = objectIn(octets);
  const errors = Object.keys(MEMBERS).flatMap((name) => wrong(given, name, needed.includes(name)));
  if (errors.length > 0) {
    throw new Trouble('members', 'Not all members are right: see errors.', { members: { errors } });
  }
  return { draft: { title: given.title, done: given.done ?? false }, octets };
}

function objectIn(octets) {
  let value;
  try {
    // fatal: octets that are no UTF-8; ignoreBOM: one is passed on, and is no JSON.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
    value = JSON.parse(text);
  } catch {
    throw new Trouble('not JSON', 'The body is no JSON.');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new Trouble('not JSON', 'The body is JSON, but no object.');
}

/** What is wrong with a member, as a sentence; null: nothing. */
const MEMBERS = { title: wrongTitle, done: wrongDone };

function wrong(given, name, needed) {
  const missing = needed ? 'is missing' : null;
  const detail = Object.hasOwn(given, name) ? MEMBERS[name](given[name]) : missing;
  return detail === null ? [] : [{ field: name, detail }];
}

function wrongTitle(title) {
  if (typeof title !== 'string') return 'must be a string';
  // A character is a code point: a string's length counts one above U+FFFF twice.
  const length = Array.from(title).length;
  if (length < 1 || length > MAX_TITLE) return `must have 1 to ${MAX_TITLE} characters`;
  if (/\p{Cc}/u.test(title)) return 'must have no control character';
  if (/\p{Cs}/u.test(title)) return 'must have no half of a pair of surrogates';
  return null;
}

function wrongDone(done) {
  return typeof done === 'boolean' ? null : 'must be true or false';
}

/** @returns {string | null}  the key, or null where there is none */
export function idempotencyIn(asked) {
  const key = asked.field('idempotency-key');
  if (key === undefined) return null;
  if (key.length <= MAX_KEY && /^[\x21-\x7e]+$/.test(key)) return key;
  throw new Trouble('key', `Idempotency-Key must be 1 to ${MAX_KEY} visible characters.`);
}

/**
 * Entity tags of If-Match or If-None-Match.
 *
 * @param {string | undefined} value
 * @param {{weak: boolean}} options  does a weak one count as the strong one of its name?
 * @returns {{has(tag: string): boolean} | null}  null where there is no such field
 */
export function tagsIn(value, { weak }) {
  if (value === undefined) return null;
  if (value.trim() === '*') return { has: () => true };
  const found = value.matchAll(/(W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g);
  return new Set(Array.from(found, ([, isWeak, tag]) => (isWeak && !weak ? null : tag)));
}

/** Those of If-Match, which is compared strongly. */
export function matchIn(asked, { needed }) {
  const tags = tagsIn(asked.field('if-match'), { weak: false });
  if (tags !== null || !needed) return tags;
  throw new Trouble('unguarded', 'If-Match must say which state is meant to be changed.');
}

/**
 * @typedef {{limit: number, after: number, q: string | null, done: boolean | null,
 *            onwards(after: number): string}} Search
 * @param {string} query  what stands behind the question mark
 * @returns {Search}
 */
export function searchIn(query) {
  const given = pairsIn(query);
  const whole = (name, least, most, otherwise) => {
    const text = given.get(name) ?? String(otherwise);
    if (/^[0-9]{1,16}$/.test(text) && Number(text) >= least && Number(text) <= most) {
      return Number(text);
    }
    throw new Trouble('query', `${name} must be a whole number from ${least} to ${most}.`);
  };
  return {
    limit: whole('limit', 1, MAX_PAGE, USUAL_PAGE),
    after: whole('after', 0, Number.MAX_SAFE_INTEGER, 0),
    q: given.get('q') ?? null,
    done: doneIn(given.get('done')),
    onwards: (after) => new URLSearchParams([...given.set('after', after)]).toString(),
  };
}

function doneIn(text) {
  if (text === undefined) return null;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Trouble('query', 'done must be true or false.');
}

/** Names that mean something, and their values. What is not known is passed over. */
function pairsIn(query) {
  const pairs = new Map();
  for (const piece of query.split('&')) {
    const [name, ...rest] = piece.split('=');
    if (!['limit', 'after', 'q', 'done'].includes(name)) continue;
    if (pairs.has(name)) throw new Trouble('query', `${name} stands there twice.`);
    pairs.set(name, formDecoded(rest.join('=')));
  }
  return pairs;
}

function formDecoded(text) {
  try {
    // Not URLSearchParams: it makes something of %zz, and of octets that are no UTF-8.
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Trouble('query', 'The query must be percent-encoded UTF-8.');
  }
}
