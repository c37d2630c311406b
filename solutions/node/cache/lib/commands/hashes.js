/** Hashes: fields with values under one key. */

import { arity, err } from '../errors.js';
import { add64, exact, isInteger } from '../numbers.js';
import { Hash } from '../types/hash.js';

export const HASHES = [
  ['hset', -4, 'write denyoom fast', '1 1 1', set],
  ['hget', 3, 'readonly fast', '1 1 1', get],
  ['hmget', -3, 'readonly fast', '1 1 1', mget],
  ['hdel', -3, 'write fast', '1 1 1', del],
  ['hlen', 2, 'readonly fast', '1 1 1', ([, key], _, db) => fields(db, key).size],
  ['hexists', 3, 'readonly fast', '1 1 1', exists],
  ['hgetall', 2, 'readonly', '1 1 1', ([, key], _, db) => new Map(fields(db, key))],
  ['hkeys', 2, 'readonly', '1 1 1', ([, key], _, db) => [...fields(db, key).keys()]],
  ['hvals', 2, 'readonly', '1 1 1', ([, key], _, db) => [...fields(db, key).values()]],
  ['hincrby', 4, 'write denyoom fast', '1 1 1', increment],
];

const NONE = new Map();

/** @returns {Map<string, string>}  empty where there is no key */
function fields(db, key) {
  return db.value(key, Hash)?.fields ?? NONE;
}

function set(words, _, db) {
  if (words.length % 2 === 1) throw arity('hset');
  const entry = db.open(words[1], Hash);
  let added = 0;
  for (let at = 2; at < words.length; at += 2) added += entry.value.set(words[at], words[at + 1]);
  db.changed(entry);
  return added;
}

function get([, key, field], _, db) {
  return fields(db, key).get(field) ?? null;
}

function exists([, key, field], _, db) {
  return Number(fields(db, key).has(field));
}

function mget(words, _, db) {
  const found = fields(db, words[1]);
  return words.slice(2).map((field) => found.get(field) ?? null);
}

function del(words, _, db) {
  const entry = db.entry(words[1], Hash);
  if (entry === undefined) return 0;
  let removed = 0;
  for (let at = 2; at < words.length; at++) removed += entry.value.delete(words[at]);
  if (removed > 0) db.changed(entry);
  return removed;
}

function increment([, key, field, by], _, db) {
  const delta = exact(by);
  const before = fields(db, key).get(field) ?? '0';
  if (!isInteger(before)) throw err('hash value is not an integer');
  const sum = add64(before, delta);
  const entry = db.open(key, Hash);
  entry.value.set(field, String(sum));
  db.changed(entry);
  return sum;
}
