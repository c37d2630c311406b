/** Sets: members without order. */

import { syntax } from '../errors.js';
import { positive } from '../numbers.js';
import { Members } from '../types/members.js';

export const SETS = [
  ['sadd', -3, 'write denyoom fast', '1 1 1', add],
  ['srem', -3, 'write fast', '1 1 1', rem],
  ['scard', 2, 'readonly fast', '1 1 1', ([, key], _, db) => members(db, key).size],
  ['sismember', 3, 'readonly fast', '1 1 1', isMember],
  ['smembers', 2, 'readonly', '1 1 1', ([, key], _, db) => new Set(members(db, key))],
  ['sinter', -2, 'readonly', '1 -1 1', inter],
  ['sunion', -2, 'readonly', '1 -1 1', union],
  ['sdiff', -2, 'readonly', '1 -1 1', diff],
  ['spop', -2, 'write fast', '1 1 1', pop],
];

const NONE = new Members();

/** @returns {Members}  empty where there is no key */
function members(db, key) {
  return db.value(key, Members) ?? NONE;
}

function isMember([, key, member], _, db) {
  return Number(members(db, key).has(member));
}

function add(words, _, db) {
  const entry = db.open(words[1], Members);
  let added = 0;
  for (let at = 2; at < words.length; at++) added += entry.value.add(words[at]);
  if (added > 0) db.changed(entry);
  return added;
}

function rem(words, _, db) {
  const entry = db.entry(words[1], Members);
  if (entry === undefined) return 0;
  let removed = 0;
  for (let at = 2; at < words.length; at++) removed += entry.value.delete(words[at]);
  if (removed > 0) db.changed(entry);
  return removed;
}

/** All of them are looked up first: one that is no set is an error, whatever the result. */
function all(words, db) {
  return words.slice(1).map((key) => members(db, key));
}

/** The smallest is walked through, the others are asked. */
function inter(words, _, db) {
  const [smallest, ...others] = all(words, db).sort((a, b) => a.size - b.size);
  const found = new Set();
  for (const member of smallest) {
    if (others.every((other) => other.has(member))) found.add(member);
  }
  return found;
}

function union(words, _, db) {
  const found = new Set();
  for (const set of all(words, db)) for (const member of set) found.add(member);
  return found;
}

function diff(words, _, db) {
  const [first, ...others] = all(words, db);
  const found = new Set();
  for (const member of first) {
    if (!others.some((other) => other.has(member))) found.add(member);
  }
  return found;
}

/** SPOP key [count]. Chance is not recorded, but what it chose. */
function pop(words, _, db) {
  if (words.length > 3) throw syntax();
  const count = words.length === 3 ? positive(words[2]) : null;
  const entry = db.entry(words[1], Members);
  if (entry === undefined) return count === null ? null : new Set();
  const taken = take(entry.value, count ?? 1);
  if (taken.length > 0) db.changed(entry);
  db.effect = entry.value.size === 0 ? ['DEL', words[1]] : ['SREM', words[1]].concat(taken);
  return count === null ? taken[0] : new Set(taken);
}

function take(set, count) {
  const taken = [];
  while (taken.length < count && set.size > 0) {
    const member = set.random();
    set.delete(member);
    taken.push(member);
  }
  return taken;
}
