/** Lifetimes: a key may have a moment at which it ends. */

import { err } from '../errors.js';
import { momentOf } from './moments.js';

export const LIFETIMES = [
  ['expire', -3, 'write fast', '1 1 1', expire('ex')],
  ['pexpire', -3, 'write fast', '1 1 1', expire('px')],
  ['expireat', -3, 'write fast', '1 1 1', expire('exat')],
  ['pexpireat', -3, 'write fast', '1 1 1', expire('pxat')],
  ['ttl', 2, 'readonly fast', '1 1 1', tell((moment, now) => rounded(moment - now))],
  ['pttl', 2, 'readonly fast', '1 1 1', tell((moment, now) => moment - now)],
  ['expiretime', 2, 'readonly fast', '1 1 1', tell(rounded)],
  ['pexpiretime', 2, 'readonly fast', '1 1 1', tell((moment) => moment)],
  ['persist', 2, 'write fast', '1 1 1', persist],
];

/** EXPIRE key time [NX | XX | GT | LT]. What is already over is removed. */
function expire(option) {
  return (words, _, db) => {
    const [name, key, time] = words;
    const allows = condition(words.slice(3));
    const moment = momentOf(option, time, db.now, name.toLowerCase(), true);
    const entry = db.peek(key);
    if (entry === undefined || !allows(moment, entry.deadline)) return 0;
    if (moment <= db.now) {
      db.remove(entry);
      db.effect = ['DEL', key];
    } else {
      db.setDeadline(entry, moment);
      db.effect = ['PEXPIREAT', key, String(moment)];
    }
    return 1;
  };
}

/** A key without a lifetime lives for ever: nothing is greater, everything is less. */
function condition(words) {
  const options = new Set(words.map((word) => word.toLowerCase()));
  const unknown = [...options].find((option) => !['nx', 'xx', 'gt', 'lt'].includes(option));
  if (unknown !== undefined) throw err(`Unsupported option ${unknown.slice(0, 64)}`);
  const has = (option) => options.has(option);
  if (has('nx') && options.size > 1) {
    throw err('NX and XX, GT or LT options at the same time are not compatible');
  }
  if (has('gt') && has('lt')) throw err('GT and LT options at the same time are not compatible');
  return (moment, before) =>
    !(has('nx') && before !== Infinity) &&
    !(has('xx') && before === Infinity) &&
    !(has('gt') && moment <= before) &&
    !(has('lt') && moment >= before);
}

/** -2 for no key, -1 for one that lives for ever. */
function tell(about) {
  return ([, key], _, db) => {
    const entry = db.peek(key);
    if (entry === undefined) return -2;
    return entry.deadline === Infinity ? -1 : about(entry.deadline, db.now);
  };
}

function rounded(milliseconds) {
  return Math.floor((milliseconds + 500) / 1000);
}

function persist([, key], _, db) {
  const entry = db.peek(key);
  if (entry === undefined || entry.deadline === Infinity) return 0;
  db.setDeadline(entry, Infinity);
  return 1;
}
