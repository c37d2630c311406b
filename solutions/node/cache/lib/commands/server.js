/** The server itself: what it is, what it counts, how it is set, and its clock. */

import { arity, err } from '../errors.js';
import { glob } from '../glob.js';
import { information } from '../information.js';
import { positive } from '../numbers.js';
import { OK, Simple, Verbatim } from '../replies.js';
import { COMMANDS } from './index.js';
import { container } from './table.js';

export const SERVER = [
  ['info', -1, 'slow', '0 0 0', info],
  container('config', [
    ['get', -3, 'slow', configGet],
    ['set', -4, 'slow', configSet],
  ]),
  container(
    'command',
    [
      ['count', 2, 'slow', () => COMMANDS.size],
      ['docs', -2, 'slow', docs],
      ['info', -2, 'slow', (words) => named(words).map((found) => found && described(found))],
    ],
    () => [...COMMANDS.values()].map(described),
  ),
  container('clock', [['advance', 3, 'slow', advance]]),
];

function info(words, { server }) {
  return new Verbatim(information(server, words.slice(1)));
}

function configGet(words, { server }) {
  const patterns = words.slice(2).map((word) => glob(word.toLowerCase()));
  const known = Object.entries(server.config.settings);
  const wanted = known.filter(([name]) => patterns.some((matches) => matches(name)));
  return new Map(wanted.map(([name, setting]) => [name, String(setting.get())]));
}

/** CONFIG SET name value …: all, or none when one is wrong. */
function configSet(words, { server }) {
  if (words.length % 2 === 1) throw arity('config|set');
  const changes = [];
  for (let at = 2; at < words.length; at += 2) {
    changes.push(configChange(server.config, words[at].toLowerCase(), words[at + 1]));
  }
  for (const { setting, value } of changes) setting.set(value);
  return OK;
}

function configChange(config, name, text) {
  const setting = Object.hasOwn(config.settings, name) ? config.settings[name] : undefined;
  if (setting?.set === undefined) {
    throw err(`Unknown option or number of arguments for CONFIG SET - '${name.slice(0, 64)}'`);
  }
  const value = setting.read(text);
  if (value === undefined) {
    throw err(`CONFIG SET failed (possibly related to argument '${name}') - no such value`);
  }
  return { setting, value };
}

/** All commands, or those that are named: null for one that is not known. */
function named(words) {
  if (words.length === 2) return [...COMMANDS.values()];
  return words.slice(2).map((name) => COMMANDS.get(name.toLowerCase()) ?? null);
}

function described({ name, arity, flags, keys }) {
  const known = new Set(flags.map((flag) => new Simple(flag)));
  return [name, arity, known, ...keys, new Set(), [], [], []];
}

/** A client that completes names gets the names; what they do is told elsewhere. */
function docs(words) {
  const found = named(words).filter((one) => one !== null);
  return new Map(found.map(({ name }) => [name, new Map([['summary', `${name}, as in Valkey`]])]));
}

/** CLOCK ADVANCE milliseconds: what is due by then is done when it answers. */
function advance([, , text], { server }, db) {
  server.clock.advance(positive(text));
  db.now = server.clock.now();
  db.expire(Infinity);
  return OK;
}
