/**
 * What is kept of a to-do, and goes out as it is kept.
 *
 *   3.Zk1x9Q0vTfWm2a8B {"id":"x7","title":"buy milk","done":false,"created":"2026-…"}
 *   │ └─ checksum of id, version and JSON
 *   └─ version: one more with each change
 *
 * The word before the space is the entity tag. It tells two states apart that look the same, since
 * a version does not come back; and an entry of a cache that is no to-do, or another one, has no
 * such checksum. It is no signature: who can write to the cache can make one.
 */

import { createHash } from 'node:crypto';

export class Record {
  /**
   * @param {string} id
   * @param {number} version
   * @param {string} json
   */
  constructor(id, version, json) {
    this.id = id;
    this.version = version;
    this.json = json;
    this.mark = `${version}.${checksum(id, version, json)}`;
  }

  /** @param {string} id  @param {import('./input.js').Draft} draft  @param {Date} now */
  static first(id, { title, done }, now) {
    return new Record(id, 1, JSON.stringify({ id, title, done, created: now.toISOString() }));
  }

  /** @returns {Record | null}  what `kept` says of `id`; null: it is no to-do, or not this one */
  static read(id, kept) {
    const found = typeof kept === 'string' && kept.match(/^([1-9][0-9]{0,14})\.[\w-]+ /);
    if (!found) return null;
    const record = new Record(id, Number(found[1]), kept.slice(found[0].length));
    return record.kept === kept ? record : null;
  }

  get kept() {
    return `${this.mark} ${this.json}`;
  }

  get tag() {
    return `"${this.mark}"`;
  }

  get todo() {
    return JSON.parse(this.json);
  }

  /** The next state of the same to-do. @param {import('./input.js').Draft} draft */
  changed({ title, done }) {
    return new Record(this.id, this.version + 1, JSON.stringify({ ...this.todo, title, done }));
  }
}

function checksum(id, version, json) {
  const hash = createHash('sha256').update(`${id} ${version} ${json}`);
  return hash.digest('base64url').slice(0, 16);
}
