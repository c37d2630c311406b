/** A hash: a Map from field to value, which counts its octets. */

import { HASH, HASH_FIELD } from '../sizes.js';

export class Hash {
  static type = 'hash';

  /** @type {Map<string, string>} */
  fields = new Map();
  octets = HASH;

  get size() {
    return this.fields.size;
  }

  /** @returns {boolean}  the field is new */
  set(field, value) {
    const before = this.fields.get(field);
    this.fields.set(field, value);
    if (before === undefined) this.octets += HASH_FIELD + field.length + value.length;
    else this.octets += value.length - before.length;
    return before === undefined;
  }

  /** @returns {boolean}  there was one */
  delete(field) {
    const before = this.fields.get(field);
    if (before === undefined) return false;
    this.octets -= HASH_FIELD + field.length + before.length;
    return this.fields.delete(field);
  }
}
