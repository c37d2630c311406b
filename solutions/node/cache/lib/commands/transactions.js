/**
 * Transactions: commands are queued, and run together.
 *
 * EXEC needs no lock, since nothing else runs before it is done. It is all or nothing with regard
 * to others and to the log; an error in the middle does not undo what went before it.
 */

import { call } from '../dispatch.js';
import { ReplyError, err } from '../errors.js';
import { NO_ARRAY, OK } from '../replies.js';

export const TRANSACTIONS = [
  ['multi', 1, 'fast atonce nomulti', '0 0 0', multi],
  ['exec', 1, 'slow atonce', '0 0 0', exec],
  ['discard', 1, 'fast atonce', '0 0 0', discard],
  ['watch', -2, 'fast atonce nomulti', '1 -1 1', watch],
  ['unwatch', 1, 'fast', '0 0 0', unwatch],
];

function multi(_, client) {
  client.queue = [];
  return OK;
}

function exec(_, client, db) {
  const { queue, broken, watched, server } = client;
  if (queue === null) throw err('EXEC without MULTI');
  for (const key of watched) db.peek(key); // one whose lifetime is over has changed
  const { touched } = client;
  client.endTransaction();
  if (broken) {
    throw new ReplyError('EXECABORT Transaction discarded because of previous errors.');
  }
  if (touched) return NO_ARRAY;
  return server.together(() => queue.map(({ command, words }) => call(client, command, words)));
}

function discard(_, client) {
  if (client.queue === null) throw err('DISCARD without MULTI');
  client.endTransaction();
  return OK;
}

function watch(words, client, db) {
  for (const key of words.slice(1)) {
    db.peek(key);
    db.watch(key, client);
  }
  return OK;
}

function unwatch(_, client, db) {
  db.unwatch(client);
  client.touched = false;
  return OK;
}
