/** Sorted sets: members with a score, in the order of scores. */

import { err, syntax } from '../errors.js';
import { float, integer, positive } from '../numbers.js';
import { Double, NO_ARRAY } from '../replies.js';
import { SortedSet } from '../types/sorted-set.js';
import { span as spanOf } from './spans.js';

export const SORTED_SETS = [
  ['zadd', -4, 'write denyoom fast', '1 1 1', add],
  ['zincrby', 4, 'write denyoom fast', '1 1 1', incrBy],
  ['zrem', -3, 'write fast', '1 1 1', rem],
  ['zscore', 3, 'readonly fast', '1 1 1', score],
  ['zcard', 2, 'readonly fast', '1 1 1', ([, key], _, db) => scored(db, key).size],
  ['zrank', -3, 'readonly fast', '1 1 1', rank((place) => place)],
  ['zrevrank', -3, 'readonly fast', '1 1 1', rank((place, size) => size - 1 - place)],
  ['zcount', 4, 'readonly fast', '1 1 1', count],
  ['zrange', -4, 'readonly', '1 1 1', range],
  ['zrangebyscore', -4, 'readonly', '1 1 1', rangeByScore],
  ['zremrangebyscore', 4, 'write', '1 1 1', remRangeByScore],
  ['zrevrange', -4, 'readonly', '1 1 1', revRange],
  ['zpopmin', -2, 'write fast', '1 1 1', pop(false)],
  ['zpopmax', -2, 'write fast', '1 1 1', pop(true)],
];

const NONE = new SortedSet();

/** @returns {SortedSet}  empty where there is no key */
function scored(db, key) {
  return db.value(key, SortedSet) ?? NONE;
}

const CONDITIONS = ['nx', 'xx', 'gt', 'lt', 'ch', 'incr'];

/** ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member … */
function add(words, _, db) {
  let at = 2;
  const options = new Set();
  while (at < words.length && CONDITIONS.includes(words[at].toLowerCase())) {
    options.add(words[at++].toLowerCase());
  }
  const pairs = readPairs(words, at);
  checkOptions(options, pairs);
  const result = update(db, words[1], pairs, options);
  if (options.has('incr')) return result.score === null ? null : new Double(result.score);
  return options.has('ch') ? result.added + result.changed : result.added;
}

function incrBy([, key, by, member], _, db) {
  const pairs = [{ member, score: float(by) }];
  return new Double(update(db, key, pairs, new Set(['incr'])).score);
}

/** All scores are read before anything changes. */
function readPairs(words, at) {
  const pairs = [];
  if (at === words.length || (words.length - at) % 2 === 1) throw syntax();
  for (; at < words.length; at += 2) pairs.push({ score: float(words[at]), member: words[at + 1] });
  return pairs;
}

function checkOptions(options, pairs) {
  const has = (option) => options.has(option);
  if (has('nx') && has('xx')) throw err('XX and NX options at the same time are not compatible');
  if ((has('gt') && has('lt')) || (has('nx') && (has('gt') || has('lt')))) {
    throw err('GT, LT, and/or NX options at the same time are not compatible');
  }
  if (has('incr') && pairs.length > 1) {
    throw err('INCR option supports a single increment-element pair');
  }
}

/** @returns {{added: number, changed: number, score: number | null}}  the last score set */
function update(db, key, pairs, options) {
  const result = { added: 0, changed: 0, score: null };
  let entry = db.entry(key, SortedSet);
  for (const pair of pairs) {
    const before = entry?.value.score(pair.member);
    const score = wanted(before, pair.score, options);
    if (score === null) continue;
    result.score = score;
    if (score === before) continue;
    entry ??= db.open(key, SortedSet);
    entry.value.set(pair.member, score);
    if (before === undefined) result.added++;
    else result.changed++;
  }
  if (result.added + result.changed > 0) db.changed(entry);
  return result;
}

/** The score that a member is to have, or null when the options leave it alone. */
function wanted(before, given, options) {
  if (options.has(before === undefined ? 'xx' : 'nx')) return null;
  if (before === undefined) return given;
  const score = options.has('incr') ? before + given : given;
  if (Number.isNaN(score)) throw err('resulting score is not a number (NaN)');
  if (options.has('gt') && score <= before) return null;
  if (options.has('lt') && score >= before) return null;
  return score;
}

function rem(words, _, db) {
  const entry = db.entry(words[1], SortedSet);
  if (entry === undefined) return 0;
  let removed = 0;
  for (let at = 2; at < words.length; at++) removed += entry.value.delete(words[at]);
  if (removed > 0) db.changed(entry);
  return removed;
}

function score([, key, member], _, db) {
  const found = scored(db, key).score(member);
  return found === undefined ? null : new Double(found);
}

/** ZRANK key member [WITHSCORE] */
function rank(from) {
  return (words, _, db) => {
    const [, key, member, option] = words;
    if (words.length > 4 || (option ?? 'withscore').toLowerCase() !== 'withscore') throw syntax();
    const set = scored(db, key);
    const score = set.score(member);
    if (score === undefined) return option === undefined ? null : NO_ARRAY;
    const place = from(set.rank(member), set.size);
    return option === undefined ? place : [place, new Double(score)];
  };
}

/** A bound of a range of scores: `1.5`, `(1.5` without it, `-inf`. */
function bound(text) {
  try {
    const without = text.startsWith('(');
    return { score: float(without ? text.slice(1) : text), without };
  } catch {
    throw err('min or max is not a float');
  }
}

/** The ranks that lie between two bounds: from start up to end. */
function ranks(set, low, high) {
  const start = set.countBelow(low.score, low.without);
  return { start, end: Math.max(set.countBelow(high.score, !high.without), start) };
}

function count([, key, low, high], _, db) {
  const [from, to] = [bound(low), bound(high)];
  const { start, end } = ranks(scored(db, key), from, to);
  return end - start;
}

/** ZRANGE key start stop [BYSCORE] [REV] [LIMIT offset count] [WITHSCORES] */
function range(words, client, db) {
  const options = rangeOptions(words, ['byscore', 'rev', 'limit', 'withscores']);
  if (options.byscore) return byScore(words, options, client, db);
  if (options.limit !== null) {
    throw err('syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX');
  }
  const [first, last] = [integer(words[2]), integer(words[3])];
  const set = scored(db, words[1]);
  return listed(set, spanOf(first, last, set.size), options, client);
}

function rangeByScore(words, client, db) {
  return byScore(words, rangeOptions(words, ['limit', 'withscores']), client, db);
}

/** ZREVRANGE key start stop [WITHSCORES] */
function revRange(words, client, db) {
  const options = { ...rangeOptions(words, ['withscores']), rev: true };
  const [first, last] = [integer(words[2]), integer(words[3])];
  const set = scored(db, words[1]);
  return listed(set, spanOf(first, last, set.size), options, client);
}

function rangeOptions(words, known) {
  const options = { byscore: false, rev: false, withscores: false, limit: null };
  for (let at = 4; at < words.length; at++) {
    const option = words[at].toLowerCase();
    if (!known.includes(option)) throw syntax();
    if (option !== 'limit') options[option] = true;
    else {
      if (at + 2 >= words.length) throw syntax();
      options.limit = { offset: integer(words[++at]), count: integer(words[++at]) };
    }
  }
  return options;
}

/** From the upper bound down, with REV: then it is named first. */
function byScore(words, options, client, db) {
  const [low, high] = (options.rev ? [3, 2] : [2, 3]).map((at) => bound(words[at]));
  const set = scored(db, words[1]);
  let { start, end } = ranks(set, low, high);
  if (options.limit !== null) {
    const { offset, count } = options.limit;
    const skipped = offset < 0 ? Infinity : offset;
    const length = Math.min(Math.max(end - start - skipped, 0), count < 0 ? Infinity : count);
    if (options.rev) start = (end = Math.max(end - skipped, start)) - length;
    else end = (start = Math.min(start + skipped, end)) + length;
  }
  const span = options.rev ? mirrored(start, end, set.size) : { start, end };
  return listed(set, span, options, client);
}

/** The same ranks, counted from the end. */
function mirrored(start, end, size) {
  return { start: size - end, end: size - start };
}

/** Members of these ranks, counted from the end with REV. RESP3 pairs each with its score. */
function listed(set, { start, end }, { rev, withscores }, client) {
  const ranks = rev ? mirrored(start, end, set.size) : { start, end };
  const pairs = set.slice(ranks.start, ranks.end);
  if (rev) pairs.reverse();
  if (!withscores) return pairs.map((pair) => pair.member);
  const scores = pairs.map(({ member, score }) => [member, new Double(score)]);
  return client.protocol === 3 ? scores : scores.flat();
}

function remRangeByScore([, key, low, high], _, db) {
  const [from, to] = [bound(low), bound(high)];
  const entry = db.entry(key, SortedSet);
  if (entry === undefined) return 0;
  const { start, end } = ranks(entry.value, from, to);
  for (const { member } of entry.value.slice(start, end)) entry.value.delete(member);
  if (end > start) db.changed(entry);
  return end - start;
}

/** ZPOPMIN key [count]: what goes, with its score; RESP3 pairs them where a count was given. */
function pop(rev) {
  return (words, client, db) => {
    if (words.length > 3) throw syntax();
    const count = words.length === 3 ? positive(words[2]) : 1;
    const entry = db.entry(words[1], SortedSet);
    if (entry === undefined) return [];
    const span = { start: 0, end: Math.min(count, entry.value.size) };
    const gone = listed(entry.value, span, { rev, withscores: true }, { protocol: 3 });
    for (const [member] of gone) entry.value.delete(member);
    if (gone.length > 0) db.changed(entry);
    return client.protocol === 3 && words.length === 3 ? gone : gone.flat();
  };
}
