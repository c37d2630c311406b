/**
 * Reads beside the store: never an old one, never a late one.
 *
 * Whoever reads watches the entry from before the store is asked, and keeps what it said in a
 * transaction: if somebody has written meanwhile, nothing is kept.
 *
 *   reader   WATCH e   store: old                      MULTI SET e old EXEC → nothing is done
 *   writer                         store: new   SET e changed
 *
 * A writer puts a word there that is no to-do. To delete would not do: to delete what is not there
 * changes nothing, and wakes no watch.
 *
 * One budget of time for all that a request asks the cache; the store's time does not count. When
 * it is spent, or the cache is gone, there is no cache for the rest of the request. A change of
 * which it could not be told is told with the next question. Until then other programs may read
 * what was there before, for the life of an entry.
 *
 * Left out: one question to the store for many that read the same at once.
 */

import { Away } from './errors.js';
import { MAX_UNTOLD, TOLD_AT_ONCE } from './limits.js';
import { Session, inTime } from './link.js';
import { Record } from './record.js';

const CHANGED = 'changed';
/** Not the name that the store has: one server may be both. */
const nameOf = (id) => `cached:${id}`;

export class Cache {
  #link;
  #patience;
  #life;
  /** Changes that the cache does not know of: id → when its entry is over by itself. */
  #untold = new Map();

  /**
   * @param {import('./link.js').Link | null} link  null: there is no cache
   * @param {number} patience  milliseconds for all that one request asks
   * @param {number} life  of an entry, in milliseconds
   */
  constructor(link, patience, life) {
    this.#link = link;
    this.#patience = patience;
    this.#life = life;
  }

  /**
   * @param {string} id
   * @param {() => Promise<Record | null>} load  asks the store
   */
  async read(id, load) {
    if (this.#link === null) return load();
    const visit = new Visit(this.#link, this.#patience);
    try {
      await this.#tell(visit);
      const [kept] = await visit.ask(['GET', nameOf(id)]);
      return Record.read(id, kept) ?? (await this.#fill(visit, id, load));
    } finally {
      visit.end();
    }
  }

  /** `id` was changed in the store. Returns when the cache knows, or cannot be told. */
  async forget(id) {
    if (this.#link === null) return;
    this.#untold.delete(id); // so that it stands at the end, with those that are told last
    this.#untold.set(id, performance.now() + this.#life);
    const visit = new Visit(this.#link, this.#patience);
    await this.#tell(visit);
    visit.end();
  }

  async #fill(visit, id, load) {
    const [watching] = await visit.ask(['WATCH', nameOf(id)]);
    const asked = performance.now();
    let record = null;
    try {
      record = await load();
      return record;
    } finally {
      // An entry is as old as the question, not as the answer.
      const life = Math.floor(this.#life - (performance.now() - asked));
      const keeps = record !== null && life >= 1 && watching === 'OK';
      if (keeps) await visit.ask(['MULTI'], this.#set(id, record.kept, life), ['EXEC']);
      else await visit.ask(['UNWATCH']);
    }
  }

  async #tell(visit) {
    const debts = this.#debts();
    if (debts.length === 0) return;
    const replies = await visit.ask(...debts.map(([id]) => this.#set(id, CHANGED, this.#life)));
    debts.forEach(([id, until], at) => {
      // Changed again meanwhile: that is another debt.
      if (replies[at] === 'OK' && this.#untold.get(id) === until) this.#untold.delete(id);
    });
  }

  /** The newest of them, without those that are over. */
  #debts() {
    for (const [id, until] of this.#untold) {
      if (until > performance.now() && this.#untold.size <= MAX_UNTOLD) break;
      this.#untold.delete(id);
    }
    return [...this.#untold].slice(-TOLD_AT_ONCE);
  }

  #set(id, word, life) {
    return ['SET', nameOf(id), word, 'PX', String(life)];
  }
}

/** What one request asks the cache, with one budget. It never fails: it finds nothing. */
class Visit {
  #session;
  #left;

  constructor(link, patience) {
    this.#session = new Session(link);
    this.#left = patience;
  }

  /** @returns {Promise<any[]>}  the replies, or none where the cache is not there in time */
  async ask(...commands) {
    if (this.#left <= 0) return [];
    const begun = performance.now();
    try {
      return await inTime(this.#left, this.#session.ask(...commands));
    } catch (error) {
      if (!(error instanceof Away)) throw error;
      this.#left = 0;
      this.end();
      return [];
    } finally {
      this.#left -= performance.now() - begun;
    }
  }

  end() {
    this.#session.end();
  }
}
