/**
 * From words to a reply: look up, check, queue or run, record.
 *
 * A command either happens wholly or not at all, because nothing else runs on this thread before
 * it is done. That is what one thread buys: no lock anywhere, and MULTI is a loop. What it costs
 * is that every client waits for the slowest command: KEYS over a million keys, LREM in a long
 * list, SINTER of large sets, a reply of many megaoctets. Only the disk and the sockets are waited
 * for beside the loop.
 */

import { COMMANDS } from './commands/index.js';
import { find } from './commands/table.js';
import { ReplyError, arity, err, outOfMemory } from './errors.js';
import { MAX_QUEUED } from './limits.js';
import { QUEUED } from './replies.js';

/** @typedef {{command: import('./commands/table.js').Command, words: string[]}} Queued */

/**
 * @param {import('./client.js').Client} client
 * @param {string[]} words
 * @returns {any}  the reply; an error is a reply
 */
export function execute(client, words) {
  const { server } = client;
  server.stats.commands++;
  server.db.now = server.clock.now();
  const command = find(COMMANDS, words);
  const refusal = refused(client, command, words);
  if (refusal !== null) {
    client.broken = client.queue !== null;
    return refusal;
  }
  return client.queue !== null && !command.atOnce
    ? enqueue(client, command, words)
    : call(client, command, words);
}

/**
 * Run it, and record what it changed. A command that ends with an error has changed nothing.
 *
 * @param {import('./client.js').Client} client
 * @param {import('./commands/table.js').Command} command
 * @param {string[]} words
 */
export function call(client, command, words) {
  const { server } = client;
  const { db } = server;
  const before = db.changes;
  db.effect = words;
  try {
    const reply = command.run(words, client, db);
    if (db.changes !== before && command.writes) server.record(db.effect);
    return reply;
  } catch (error) {
    return asReply(error, words);
  }
}

function refused(client, command, words) {
  if (command === undefined) return unknown(words);
  const wrong = command.arity > 0 ? words.length !== command.arity : words.length < -command.arity;
  if (wrong) return arity(command.name);
  if (client.queue !== null && command.notInMulti) {
    return err(`Command '${command.name}' not allowed inside a transaction`);
  }
  if (client.protocol === 2 && client.subscriptions > 0 && !command.whileSubscribed) {
    return err(`Can't execute '${command.name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / ` +
      'QUIT are allowed in this context');
  }
  if (command.adds && !client.server.eviction.makeRoom()) return outOfMemory();
  return null;
}

function unknown(words) {
  const name = words[0].slice(0, 128);
  const said = words.slice(1, 9).map((word) => `'${word.slice(0, 64)}'`);
  return err(`unknown command '${name}', with args beginning with: ${said.join(' ')}`);
}

function enqueue(client, command, words) {
  client.queuedOctets += words.reduce((sum, word) => sum + word.length + 64, 0);
  if (client.queuedOctets > MAX_QUEUED) {
    client.broken = true;
    client.queue.length = 0;
    return err('the transaction is too large');
  }
  client.queue.push({ command, words });
  return QUEUED;
}

/** An error of ours is told to the client as well, and costs nobody the connection. */
function asReply(error, words) {
  if (error instanceof ReplyError) return error;
  console.error(`${words[0]}:`, error);
  return err('something went wrong in the server');
}
