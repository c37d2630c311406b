/**
 * The log written anew: what is there now, instead of how it came to be.
 *
 *   INCR n  INCR n  INCR n   →   SET n 3
 *
 * It is written beside the log and takes its name when it is on the disk, so that a crash at any
 * moment leaves one whole log. Done at the start, when nobody changes anything meanwhile. Left
 * out: while the server runs. There it takes a second process with a frozen copy of the memory, as
 * fork gives it, or two logs at a time; this one grows until the next start.
 */

import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

import { REWRITE_FROM } from './limits.js';
import { formatDouble } from './numbers.js';
import { Pieces } from './pieces.js';
import { writeWords } from './resp.js';
import { Hash } from './types/hash.js';
import { List } from './types/list.js';
import { Members } from './types/members.js';

/** Members of a collection in one command. */
const BATCH = 1000;

/**
 * @param {string} path
 * @param {number} size  of the log, in octets
 * @param {import('./keyspace.js').Keyspace} db
 */
export async function rewriteIfLong(path, size, db) {
  if (size < REWRITE_FROM || size < 2 * db.octets) return;
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w');
  try {
    const pieces = new Pieces();
    for (const entry of db.entries()) {
      for (const words of commandsFor(entry)) writeWords(pieces, words);
      await writeParts(file, pieces);
    }
    pieces.seal();
    await writeParts(file, pieces);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** A file is there after a crash, under its name, when its folder was flushed. */
export async function syncFolder(path) {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeParts(file, pieces) {
  for (const part of pieces.parts.splice(0)) await file.writeFile(part, 'latin1');
}

/** @param {import('./keyspace.js').Entry} entry @returns {Generator<string[]>} */
function* commandsFor({ key, value, deadline }) {
  if (typeof value === 'string') yield ['SET', key, value];
  else {
    const [name, members] = membersOf(value);
    for (let at = 0; at < members.length; at += BATCH) {
      yield [name, key, ...members.slice(at, at + BATCH)];
    }
  }
  if (deadline !== Infinity) yield ['PEXPIREAT', key, String(deadline)];
}

/** The command that adds members, and all of them: pairs stay within one batch. */
function membersOf(value) {
  if (value instanceof List) return ['RPUSH', value.slice(0, value.size)];
  if (value instanceof Hash) return ['HSET', [...value.fields].flat()];
  if (value instanceof Members) return ['SADD', [...value]];
  const pairs = value.slice(0, value.size);
  return ['ZADD', pairs.flatMap(({ member, score }) => [formatDouble(score), member])];
}
