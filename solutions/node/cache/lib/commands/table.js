/**
 * Commands as rows: name, how many words, what kind, where its keys stand, what it does.
 *
 *   ['get', 2, 'readonly fast', '1 1 1', get]
 *
 * The count includes the name; a negative one is the least. Keys are the first, the last (-1 is
 * the last word) and the step between them.
 *
 *   write      changes keys: what it did is recorded
 *   denyoom    adds: refused when memory is full
 *   atonce     not queued between MULTI and EXEC
 *   nomulti    not allowed there
 *   whilesubscribed   allowed to a client of RESP2 that has subscribed
 */

import { arity, unknownSubcommand } from '../errors.js';

/**
 * @typedef {object} Command
 * @property {string} name
 * @property {number} arity
 * @property {string[]} flags  as clients know them
 * @property {number[]} keys
 * @property {(words: string[], client: import('../client.js').Client,
 *   db: import('../keyspace.js').Keyspace) => any} run
 */

const OURS = new Set(['atonce', 'nomulti', 'whilesubscribed']);

/** @returns {Command} */
export function command([name, arity, kind, keys, run]) {
  const words = kind.split(' ');
  return {
    name,
    arity,
    flags: words.filter((word) => !OURS.has(word)),
    keys: keys.split(' ').map(Number),
    run,
    writes: words.includes('write'),
    adds: words.includes('denyoom'),
    atOnce: words.includes('atonce'),
    notInMulti: words.includes('nomulti'),
    whileSubscribed: words.includes('whilesubscribed'),
  };
}

/** A command whose second word says what it does. Rows: name: [words at least, function, at most] */
export function container(rows) {
  return (words, client, db) => {
    const name = words[1].toLowerCase();
    const row = Object.hasOwn(rows, name) ? rows[name] : undefined;
    if (row === undefined) throw unknownSubcommand(words[1]);
    const [least, run, most = Infinity] = row;
    if (words.length < least || words.length > most) throw arity(`${words[0]}|${name}`);
    return run(words, client, db);
  };
}
