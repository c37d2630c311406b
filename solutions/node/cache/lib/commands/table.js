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

/**
 * @typedef {object} Command
 * @property {string} name
 * @property {number} arity
 * @property {string[]} flags  as clients know them
 * @property {number[]} keys
 * @property {(words: string[], client: import('../client.js').Client,
 *   db: import('../keyspace.js').Keyspace) => any} run
 * @property {Map<string, Command> | null} subcommands  by the second word, in lower case
 */

const OURS = new Set(['atonce', 'nomulti', 'whilesubscribed', 'slow']);

/** @returns {Command} */
export function command([name, arity, kind, keys, run, subcommands = null]) {
  const words = kind.split(' ');
  return {
    name,
    arity,
    flags: words.filter((word) => !OURS.has(word)),
    keys: keys.split(' ').map(Number),
    run,
    subcommands,
    writes: words.includes('write'),
    adds: words.includes('denyoom'),
    atOnce: words.includes('atonce'),
    notInMulti: words.includes('nomulti'),
    whileSubscribed: words.includes('whilesubscribed'),
  };
}

/** A row for a command whose second word says what it does. Rows: [word, arity, kind, run] */
export function container(name, rows, alone = null) {
  const subcommands = rows.map(([word, arity, kind, run]) => [
    word,
    command([`${name}|${word}`, arity, kind, '0 0 0', run]),
  ]);
  return [name, alone === null ? -2 : -1, 'slow', '0 0 0', alone, new Map(subcommands)];
}

/** What the words ask for, or undefined. @param {Map<string, Command>} commands */
export function find(commands, words) {
  const found = commands.get(words[0]) ?? commands.get(words[0].toLowerCase());
  if (!found?.subcommands || words.length === 1) return found;
  return found.subcommands.get(words[1].toLowerCase());
}
