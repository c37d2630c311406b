/**
 * What may be done with to-dos, and when. It knows neither HTTP nor the keys of the store.
 *
 *   create → the store                      once only, where there is a key
 *   read   → the cache, or the store
 *   change → the store, then the cache      only in the state that is meant
 *
 * The cache hears of a change after the store has it, and before anybody is told that it is done:
 * so whoever reads behind an answer finds what was written, or nothing.
 */

import { createHash, randomBytes } from 'node:crypto';

import { Away, Trouble } from './errors.js';
import { Record } from './record.js';

export class Service {
  #repository;
  #cache;

  /**
   * @param {import('./repository.js').Repository} repository
   * @param {import('./cache.js').Cache} cache
   */
  constructor(repository, cache) {
    this.#repository = repository;
    this.#cache = cache;
  }

  /** Throws where the store cannot be asked. */
  healthy() {
    return this.#repository.healthy();
  }

  /**
   * @param {import('./input.js').Draft} draft
   * @param {{key: string, body: Buffer} | null} once
   * @returns {Promise<Record>}  the first one of this key, where it was seen before
   */
  async create(draft, once) {
    const record = Record.first(randomBytes(12).toString('base64url'), draft, new Date());
    if (once === null) {
      await this.#repository.add(record);
      return record;
    }
    const print = createHash('sha256').update(once.body).digest('base64url');
    const memory = `${print} ${record.id} ${record.kept}`;
    return remembered(await this.#repository.add(record, { key: once.key, memory }), print);
  }

  /** @param {string} id */
  async read(id) {
    return thereIs(await this.#cache.read(id, () => this.#repository.get(id)));
  }

  /**
   * @param {string} id
   * @param {import('./input.js').Draft} draft
   * @param {{has(tag: string): boolean} | null} tags  of the state that is meant; null: any
   */
  change(id, draft, tags) {
    return this.#replace(id, (record) => meant(record, tags).changed(draft));
  }

  remove(id, tags) {
    return this.#replace(id, (record) => meant(record, tags) && null);
  }

  /** @param {import('./input.js').Search} search */
  list({ limit, after, q, done }) {
    const part = q === null ? null : folded(q);
    const fits = ({ todo }) =>
      (done === null || todo.done === done) && (part === null || folded(todo.title).includes(part));
    return this.#repository.page(after, limit, part === null && done === null ? null : fits);
  }

  async #replace(id, decide) {
    try {
      const record = await this.#repository.replace(id, decide);
      await this.#cache.forget(id);
      return record;
    } catch (error) {
      // Nobody knows whether it was done: the cache must not know better.
      if (error instanceof Away) await this.#cache.forget(id);
      throw error;
    }
  }
}

/** @throws {Trouble}  the key was used for another body */
function remembered(memory, print) {
  const [before, id, ...kept] = memory.split(' ');
  if (before === print) return Record.read(id, kept.join(' '));
  throw new Trouble('key in use', 'Idempotency-Key was used for another body.');
}

function thereIs(record) {
  if (record !== null) return record;
  throw new Trouble('no such to-do', 'There is no such to-do.');
}

function meant(record, tags) {
  if (tags === null || tags.has(thereIs(record).tag)) return thereIs(record);
  throw new Trouble('stale', 'The to-do is no longer in the state that is meant.');
}

/** The same for all ways to write a letter: lower first, for ẞ; then upper, for ß, ς and ſ. */
function folded(text) {
  return text.toLowerCase().toUpperCase();
}
