/** Strings: octets with a name. A counter is a string that reads as an integer of 64 bits. */

import { arity, err, syntax } from '../errors.js';
import { MAX_VALUE } from '../limits.js';
import { add64, exact, negated } from '../numbers.js';
import { OK } from '../replies.js';
import { momentOf } from './moments.js';

export const STRINGS = [
  ['get', 2, 'readonly fast', '1 1 1', ([, key], _, db) => db.string(key) ?? null],
  ['set', -3, 'write denyoom', '1 1 1', set],
  ['getset', 3, 'write denyoom fast', '1 1 1', getSet],
  ['getdel', 2, 'write fast', '1 1 1', getDel],
  ['setnx', 3, 'write denyoom fast', '1 1 1', setNx],
  ['setex', 4, 'write denyoom', '1 1 1', setFor('ex')],
  ['psetex', 4, 'write denyoom', '1 1 1', setFor('px')],
  ['mget', -2, 'readonly fast', '1 -1 1', mget],
  ['mset', -3, 'write denyoom', '1 -1 2', mset],
  ['append', 3, 'write denyoom fast', '1 1 1', append],
  ['strlen', 2, 'readonly fast', '1 1 1', ([, key], _, db) => db.string(key)?.length ?? 0],
  ['incr', 2, 'write denyoom fast', '1 1 1', ([, key], _, db) => add(db, key, 1)],
  ['decr', 2, 'write denyoom fast', '1 1 1', ([, key], _, db) => add(db, key, -1)],
  ['incrby', 3, 'write denyoom fast', '1 1 1', ([, key, by], _, db) => add(db, key, exact(by))],
  ['decrby', 3, 'write denyoom fast', '1 1 1', ([, key, by], _, db) => add(db, key, negated(by))],
];

/** SET key value [NX | XX] [GET] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL] */
function set(words, client, db) {
  if (words.length === 3) {
    db.put(words[1], words[2]);
    return OK;
  }
  const [, key, value] = words;
  const { only, get, keep, moment } = setOptions(words, db.now);
  const before = get ? (db.string(key) ?? null) : undefined;
  const entry = db.find(key);
  if (only !== null && (only === 'xx') !== (entry !== undefined)) return get ? before : null;
  store(db, key, value, keep ? (entry?.deadline ?? Infinity) : moment);
  return get ? before : OK;
}

/** Recorded with the moment at which it ends: played again later, it ends when it would have. */
function store(db, key, value, moment) {
  const entry = db.put(key, value);
  if (moment <= db.now) {
    db.remove(entry);
    db.effect = ['DEL', key];
  } else if (moment === Infinity) db.effect = ['SET', key, value];
  else {
    db.setDeadline(entry, moment);
    db.effect = ['SET', key, value, 'PXAT', String(moment)];
  }
}

/** Options of SET. Two of one group exclude each other. */
const GROUPS = new Map([
  ...['nx', 'xx'].map((option) => [option, 'only']),
  ...['ex', 'px', 'exat', 'pxat', 'keepttl'].map((option) => [option, 'lifetime']),
  ['get', 'get'],
]);

function setOptions(words, now) {
  const chosen = { only: null, lifetime: null, get: null };
  let moment = Infinity;
  for (let at = 3; at < words.length; at++) {
    const option = words[at].toLowerCase();
    const group = GROUPS.get(option);
    if (group === undefined || (chosen[group] ?? option) !== option) throw syntax();
    chosen[group] = option;
    if (group !== 'lifetime' || option === 'keepttl') continue;
    if (++at === words.length) throw syntax();
    moment = momentOf(option, words[at], now, 'set');
  }
  const { only, get, lifetime } = chosen;
  return { only, get: get !== null, keep: lifetime === 'keepttl', moment };
}

function getSet([, key, value], _, db) {
  const before = db.string(key) ?? null;
  db.put(key, value);
  return before;
}

function getDel([, key], _, db) {
  const before = db.string(key);
  if (before === undefined) return null;
  db.remove(db.peek(key));
  return before;
}

function setNx([, key, value], _, db) {
  if (db.find(key) !== undefined) return 0;
  db.put(key, value);
  return 1;
}

function setFor(option) {
  return ([name, key, time, value], _, db) => {
    store(db, key, value, momentOf(option, time, db.now, name.toLowerCase()));
    return OK;
  };
}

/** What is no string is no value. */
function mget(words, _, db) {
  return words.slice(1).map((key) => {
    const value = db.find(key)?.value;
    return typeof value === 'string' ? value : null;
  });
}

function mset(words, _, db) {
  if (words.length % 2 === 0) throw arity('mset');
  for (let at = 1; at < words.length; at += 2) db.put(words[at], words[at + 1]);
  return OK;
}

function append([, key, more], _, db) {
  const before = db.string(key) ?? '';
  if (before.length + more.length > MAX_VALUE) throw err('string exceeds maximum allowed size');
  keepLifetime(db, key, before + more);
  return before.length + more.length;
}

function add(db, key, delta) {
  const sum = add64(db.string(key) ?? '0', delta);
  keepLifetime(db, key, String(sum));
  return sum;
}

function keepLifetime(db, key, value) {
  const entry = db.peek(key);
  if (entry === undefined) db.put(key, value);
  else db.replace(entry, value);
}
