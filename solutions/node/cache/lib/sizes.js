/**
 * Octets that a value takes, as V8 lays it out: measured with Node.js 20, see test/sizes.test.js.
 *
 *   a string     a header of 16, its octets, rounded up to 8
 *   an entry     the object, its place in a Map and in an array
 *
 * Lists, hashes and sets keep their own count in `octets` while they change.
 */

const STRING_OCTETS = 24;

/** An Entry, its slots in the Map, the dense array and the heap. */
export const ENTRY_OCTETS = 176;
/** A collection that is empty. */
export const LIST = 112;
export const HASH = 144;
export const SET = 320;
export const SORTED_SET = 440;
/** What a member of a collection takes beside its own octets. */
export const LIST_ITEM = STRING_OCTETS + 8;
export const HASH_FIELD = 2 * STRING_OCTETS + 48;
export const SET_MEMBER = STRING_OCTETS + 48;
export const SCORED_MEMBER = STRING_OCTETS + 112;

/** @param {import('./keyspace.js').Entry} entry */
export function octetsOf({ key, value }) {
  const inside = typeof value === 'string' ? STRING_OCTETS + value.length : value.octets;
  return ENTRY_OCTETS + STRING_OCTETS + key.length + inside;
}
