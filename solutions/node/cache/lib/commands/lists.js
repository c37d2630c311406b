/** Lists: both ends are cheap. */

import { arity, err, noSuchKey } from '../errors.js';
import { integer, positive } from '../numbers.js';
import { NO_ARRAY, OK } from '../replies.js';
import { List } from '../types/list.js';
import { span } from './spans.js';

export const LISTS = [
  ['lpush', -3, 'write denyoom fast', '1 1 1', push((list, item) => list.pushLeft(item))],
  ['rpush', -3, 'write denyoom fast', '1 1 1', push((list, item) => list.pushRight(item))],
  ['lpop', -2, 'write fast', '1 1 1', pop((list) => list.popLeft())],
  ['rpop', -2, 'write fast', '1 1 1', pop((list) => list.popRight())],
  ['llen', 2, 'readonly fast', '1 1 1', ([, key], _, db) => db.value(key, List)?.size ?? 0],
  ['lrange', 4, 'readonly', '1 1 1', range],
  ['lindex', 3, 'readonly', '1 1 1', index],
  ['lset', 4, 'write denyoom', '1 1 1', set],
  ['lrem', 4, 'write', '1 1 1', rem],
  ['ltrim', 4, 'write', '1 1 1', trim],
];

function push(add) {
  return (words, _, db) => {
    const entry = db.open(words[1], List);
    for (let at = 2; at < words.length; at++) add(entry.value, words[at]);
    db.changed(entry);
    return entry.value.size;
  };
}

/** LPOP key [count]: without a count one item, with one an array. */
function pop(take) {
  return (words, _, db) => {
    if (words.length > 3) throw arity(words[0].toLowerCase());
    const count = words.length === 3 ? positive(words[2]) : null;
    const entry = db.entry(words[1], List);
    if (entry === undefined) return count === null ? null : NO_ARRAY;
    const list = entry.value;
    const wanted = Math.min(count ?? 1, list.size);
    const items = Array.from({ length: wanted }, () => take(list));
    if (wanted > 0) db.changed(entry);
    return count === null ? items[0] : items;
  };
}

function range([, key, first, last], _, db) {
  const [from, to] = [integer(first), integer(last)];
  const list = db.value(key, List);
  if (list === undefined) return [];
  const { start, end } = span(from, to, list.size);
  return list.slice(start, end);
}

/** @returns {number}  from 0, or -1 where there is none */
function place(list, text) {
  const number = integer(text);
  const at = number < 0 ? list.size + number : number;
  return at >= 0 && at < list.size ? at : -1;
}

function index([, key, number], _, db) {
  const list = db.value(key, List);
  if (list === undefined) return null;
  const at = place(list, number);
  return at === -1 ? null : list.at(at);
}

function set([, key, number, item], _, db) {
  const entry = db.entry(key, List);
  if (entry === undefined) throw noSuchKey();
  const at = place(entry.value, number);
  if (at === -1) throw err('index out of range');
  entry.value.set(at, item);
  db.changed(entry);
  return OK;
}

/** LREM key count item: the first so many; below 0 the last; 0 for all. */
function rem([, key, text, item], _, db) {
  const count = integer(text);
  const entry = db.entry(key, List);
  if (entry === undefined) return 0;
  const items = entry.value.slice(0, entry.value.size);
  if (count < 0) items.reverse();
  const kept = without(items, item, Math.abs(count) || Infinity);
  const removed = items.length - kept.length;
  if (removed === 0) return 0;
  if (count < 0) kept.reverse();
  entry.value.fill(kept);
  db.changed(entry);
  return removed;
}

function without(items, unwanted, most) {
  let left = most;
  return items.filter((item) => item !== unwanted || left-- <= 0);
}

function trim([, key, first, last], _, db) {
  const [from, to] = [integer(first), integer(last)];
  const entry = db.entry(key, List);
  if (entry === undefined) return OK;
  const { start, end } = span(from, to, entry.value.size);
  entry.value.fill(entry.value.slice(start, end));
  db.changed(entry);
  return OK;
}
