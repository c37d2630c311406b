/** Keys, whatever their values are. */

import { err, noSuchKey, syntax } from '../errors.js';
import { glob } from '../glob.js';
import { integer } from '../numbers.js';
import { OK, Simple } from '../replies.js';

export const KEYS = [
  ['del', -2, 'write', '1 -1 1', del],
  ['unlink', -2, 'write fast', '1 -1 1', del],
  ['exists', -2, 'readonly fast', '1 -1 1', exists],
  ['type', 2, 'readonly fast', '1 1 1', type],
  ['rename', 3, 'write', '1 2 1', rename],
  ['keys', 2, 'readonly', '0 0 0', keys],
  ['scan', -2, 'readonly', '0 0 0', scan],
  ['dbsize', 1, 'readonly fast', '0 0 0', dbSize],
  ['flushall', -1, 'write', '0 0 0', flush],
  ['flushdb', -1, 'write', '0 0 0', flush],
];

/** UNLINK is the same here: the collector takes the memory back, later and in pieces. */
function del(words, _, db) {
  let count = 0;
  for (let at = 1; at < words.length; at++) {
    const entry = db.peek(words[at]);
    if (entry === undefined) continue;
    db.remove(entry);
    count++;
  }
  return count;
}

/** A key named twice counts twice. */
function exists(words, _, db) {
  return words.slice(1).filter((key) => db.find(key) !== undefined).length;
}

function typeOf(value) {
  return typeof value === 'string' ? 'string' : value.constructor.type;
}

function type([, key], _, db) {
  const entry = db.peek(key);
  return new Simple(entry === undefined ? 'none' : typeOf(entry.value));
}

/** The lifetime goes along; what had the new name is gone. */
function rename([, from, to], _, db) {
  const entry = db.peek(from);
  if (entry === undefined) throw noSuchKey();
  if (from === to) return OK;
  const { value, deadline } = entry;
  db.remove(entry);
  db.setDeadline(db.put(to, value), deadline);
  return OK;
}

function keys([, pattern], _, db) {
  const matches = glob(pattern);
  const found = [];
  for (const { key } of db.entries()) if (matches(key)) found.push(key);
  return found;
}

/** SCAN cursor [MATCH pattern] [COUNT count] [TYPE type] */
function scan(words, _, db) {
  if (!/^[0-9]{1,20}$/.test(words[1])) throw err('invalid cursor');
  const { matches, count, wanted } = scanOptions(words);
  const { next, entries } = db.scan(Number(words[1]), count);
  const found = entries.filter(
    ({ key, value }) => matches(key) && (wanted === null || typeOf(value) === wanted),
  );
  return [String(next), found.map((entry) => entry.key)];
}

function scanOptions(words) {
  const options = { matches: () => true, count: 10, wanted: null };
  for (let at = 2; at < words.length; at += 2) {
    const option = words[at].toLowerCase();
    const value = words[at + 1];
    if (value === undefined) throw syntax();
    if (option === 'match') options.matches = glob(value);
    else if (option === 'type') options.wanted = value.toLowerCase();
    else if (option === 'count') options.count = integer(value);
    else throw syntax();
  }
  if (options.count < 1) throw syntax();
  return options;
}

/** What is over is not counted, and so it is removed first. */
function dbSize(_, __, db) {
  db.expire(Infinity);
  return db.size;
}

function flush(words, _, db) {
  if (words.length > 2 || (words.length === 2 && !/^(a?sync)$/i.test(words[1]))) throw syntax();
  db.clear();
  return OK;
}
