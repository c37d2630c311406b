/** Conditional requests. RFC 9110 §13, entity tags §8.8.3. */

import { parseDate } from './dates.js';
import { trimSpace } from './fields.js';

const ENTITY_TAG = /[ \t,]*(W\/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|$)/y;

/**
 * What is there now. Our tags are all strong.
 *
 * @typedef {object} Current
 * @property {string[]} tags  of every representation that a condition may mean
 * @property {number} modified  seconds since 1970
 */

const NAMES = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'];

/** @param {import('./fields.js').Fields} fields */
export function isConditional(fields) {
  return NAMES.some((name) => fields.has(name));
}

/**
 * Evaluate in the order of §13.2.2.
 *
 * @param {string} method
 * @param {import('./fields.js').Fields} fields
 * @param {Current | null} current  null when there is nothing
 * @returns {304 | 412 | null}  null: go on
 */
export function precondition(method, fields, current) {
  const reading = method === 'GET' || method === 'HEAD';
  if (fields.has('if-match')) {
    if (!matches(fields.get('if-match'), current, isStrong)) return 412;
  } else if (isModifiedSince(fields.get('if-unmodified-since'), current) === true) {
    return 412;
  }
  if (fields.has('if-none-match')) {
    if (matches(fields.get('if-none-match'), current, () => true)) return reading ? 304 : 412;
  } else if (reading && isModifiedSince(fields.get('if-modified-since'), current) === false) {
    return 304;
  }
  return null;
}

/**
 * May a range be served? §13.1.5: strong comparison, so a weak tag never will do. Nor will a
 * date: a file can change twice within its second (§8.8.2.2), and the tag is always there.
 *
 * @param {string | undefined} ifRange
 * @param {string} tag
 */
export function rangeIsCurrent(ifRange, tag) {
  return ifRange === undefined || ifRange === tag;
}

/** §13.1.1, §13.1.2: "*" means anything at all; else one tag of the list. */
function matches(list, current, counts) {
  if (current === null) return false;
  if (list === '*') return true;
  return entityTags(list).some((tag) => counts(tag) && current.tags.includes(tag.opaque));
}

function isStrong(tag) {
  return !tag.weak;
}

/** Tags may hold commas, so a list of them is not split at commas. What is no tag ends it. */
export function entityTags(list) {
  const tags = [];
  ENTITY_TAG.lastIndex = 0;
  for (let match; (match = ENTITY_TAG.exec(list)); ) {
    tags.push({ weak: match[1] !== undefined, opaque: match[2] });
  }
  return tags;
}

/** @returns {boolean | null}  null when there is no valid date, or nothing to compare */
function isModifiedSince(text, current) {
  const since = text === undefined ? null : parseDate(trimSpace(text));
  return since === null || current === null ? null : current.modified > since;
}
