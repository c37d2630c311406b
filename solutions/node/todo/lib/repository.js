/**
 * To-dos in the store: which keys there are, and what is done in one step.
 *
 *   todo:ID        a record
 *   todos          a sorted set of ids: the number of each, in the order of creation
 *   todos:last     the number that was given out last
 *   once:KEY       what the first request with this idempotency key made, for a day
 *
 * One step is WATCH, look, MULTI … EXEC. When somebody else has written what was looked at, nothing
 * is done, and it begins again. The number is given out in the step that creates the to-do: one
 * that was taken earlier would appear behind the back of whoever has read past it.
 *
 * Left out: an index, so a search looks at every to-do; many creations in one step, so those of one
 * program take turns, each twice there and back.
 */

import { Away } from './errors.js';
import { MAX_PAGE, REMEMBERED_MS, SEARCH_STRIDE } from './limits.js';
import { Session, inTime } from './link.js';
import { Record } from './record.js';
import { ReplyError } from './resp.js';

const LAST = 'todos:last';
const ORDER = 'todos';
const nameOf = (id) => `todo:${id}`;

export class Repository {
  #link;
  #patience;
  #turn = Promise.resolve();

  /**
   * @param {import('./link.js').Link} link
   * @param {number} patience  milliseconds for all that one request asks
   */
  constructor(link, patience) {
    this.#link = link;
    this.#patience = patience;
  }

  healthy() {
    return this.#inTime((ask) => ask(['PING']));
  }

  /** @returns {Promise<Record | null>} */
  get(id) {
    return this.#inTime(async (ask) => {
      const [kept] = await ask(['GET', nameOf(id)]);
      return recordOf(id, kept);
    });
  }

  /**
   * Create a to-do, unless the key was used before.
   *
   * @param {Record} record
   * @param {{key: string, memory: string}} [once]
   * @returns {Promise<string | undefined>}  the memory of this key: the one given, or an older one
   */
  add(record, once) {
    return this.#inTime((ask) => this.#inTurn(() => added(ask, record, once)));
  }

  /**
   * Put in the place of a to-do what `decide` says; null: nothing. It may throw instead, and is
   * asked again when somebody else was faster.
   *
   * @param {string} id
   * @param {(record: Record | null) => Record | null} decide
   */
  replace(id, decide) {
    return this.#inTime((ask) => replaced(ask, id, decide));
  }

  /**
   * To-dos behind a number, in order. A page begins behind a to-do, and not behind a count, so that
   * it does not move when another one goes.
   *
   * @param {number} after
   * @param {number} limit
   * @param {((record: Record) => boolean) | null} fits  null: all do
   * @returns {Promise<{records: Record[], next: number | null}>}
   */
  page(after, limit, fits) {
    return this.#inTime((ask) => pageOf(ask, after, limit, fits));
  }

  /**
   * One limit of time around all of it, turns and connections included. What it has broken off is
   * closed, with the connection on which an answer is owed.
   *
   * @template T
   * @param {(ask: (...commands: string[][]) => Promise<any[]>) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async #inTime(work) {
    const session = new Session(this.#link);
    const ask = async (...commands) => accepted(await session.ask(...commands));
    try {
      return await inTime(this.#patience, work(ask));
    } finally {
      session.end();
    }
  }

  /** One after another: creations of one program would only make each other begin again. */
  #inTurn(work) {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
  }
}

async function added(ask, record, once) {
  const keys = once ? [LAST, `once:${once.key}`] : [LAST];
  for (;;) {
    const [, [last, before]] = await ask(['WATCH', ...keys], ['MGET', ...keys]);
    if (before) {
      await ask(['UNWATCH']);
      return before;
    }
    const number = String(Number(last ?? 0) + 1);
    const memory = once ? [['SET', keys[1], once.memory, 'PX', String(REMEMBERED_MS)]] : [];
    const done = await committed(ask, [
      ['SET', LAST, number],
      ['SET', nameOf(record.id), record.kept],
      ['ZADD', ORDER, number, record.id],
      ...memory,
    ]);
    if (done) return once?.memory;
  }
}

async function replaced(ask, id, decide) {
  const name = nameOf(id);
  for (;;) {
    const [, kept] = await ask(['WATCH', name], ['GET', name]);
    let record;
    try {
      record = decide(recordOf(id, kept));
    } catch (error) {
      await ask(['UNWATCH']);
      throw error;
    }
    const commands = record ? [['SET', name, record.kept]] : [['DEL', name], ['ZREM', ORDER, id]];
    if (await committed(ask, commands)) return record;
  }
}

async function pageOf(ask, after, limit, fits) {
  const stride = fits ? SEARCH_STRIDE : Math.min(limit, MAX_PAGE) + 1;
  const records = [];
  const numbers = [];
  for (;;) {
    const rows = await rowsBehind(ask, after, stride);
    for (const [number, record] of rows) {
      if (record === null || (fits && !fits(record))) continue;
      if (records.length === limit) return { records, next: numbers[limit - 1] };
      records.push(record);
      numbers.push(number);
    }
    if (rows.length < stride) return { records, next: null };
    after = rows[rows.length - 1][0];
  }
}

/** @returns {Promise<[number, Record | null][]>}  null: it went between the two questions */
async function rowsBehind(ask, after, count) {
  const span = [`(${after}`, '+inf', 'BYSCORE', 'LIMIT', '0', String(count), 'WITHSCORES'];
  const [pairs] = await ask(['ZRANGE', ORDER, ...span]);
  const ids = pairs.filter((_, at) => at % 2 === 0);
  if (ids.length === 0) return [];
  const [found] = await ask(['MGET', ...ids.map(nameOf)]);
  return ids.map((id, at) => [Number(pairs[2 * at + 1]), recordOf(id, found[at])]);
}

/** Was it done? false: somebody has written what was watched. */
async function committed(ask, commands) {
  const replies = await ask(['MULTI'], ...commands, ['EXEC']);
  const results = replies[replies.length - 1];
  if (results !== null) accepted(results);
  return results !== null;
}

/** @throws {Away}  a store that refuses a command cannot be worked with */
function accepted(replies) {
  const refused = replies.find((reply) => reply instanceof ReplyError);
  if (refused) throw new Away(`the store answered: ${refused.message}`);
  return replies;
}

function recordOf(id, kept) {
  if (kept === null) return null;
  const record = Record.read(id, kept);
  if (record === null) throw new Error(`the store has under ${nameOf(id)} what is no to-do`);
  return record;
}
