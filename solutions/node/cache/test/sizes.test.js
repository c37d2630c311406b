/** What is counted is near what V8 takes: between two thirds and one and a half of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import v8 from 'node:v8';
import vm from 'node:vm';

import { Keyspace } from '../lib/keyspace.js';
import { Hash } from '../lib/types/hash.js';
import { List } from '../lib/types/list.js';
import { Members } from '../lib/types/members.js';
import { SortedSet } from '../lib/types/sorted-set.js';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');
const COUNT = 20_000;

/** As it comes from a socket: a string of its own, of one octet a character. */
function octets(text) {
  return Buffer.from(text).latin1Slice(0);
}

function memory() {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Many keys with one member each, and one key with many. */
function collections(Type, add) {
  return [
    (db, at) => {
      const entry = db.open(octets(`key:${at}`), Type);
      add(entry.value, at);
      db.changed(entry);
    },
    (db, at) => {
      const entry = db.open('one', Type);
      add(entry.value, at);
      db.changed(entry);
    },
  ];
}

const text = (db, at, length) => db.put(octets(`key:${at}`), octets('x'.repeat(length)));
const KINDS = {
  'short strings': (db, at) => text(db, at, 3),
  'strings of 1024 octets': (db, at) => text(db, at, 1024),
  'strings that end': (db, at) => db.setDeadline(text(db, at, 100), at),
};
const TYPES = {
  list: collections(List, (list, at) => list.pushRight(octets(`item:${at}`))),
  hash: collections(Hash, (hash, at) => hash.set(octets(`field:${at}`), octets(`value:${at}`))),
  set: collections(Members, (set, at) => set.add(octets(`member:${at}`))),
  'sorted set': collections(SortedSet, (set, at) => set.set(octets(`member:${at}`), at / 7)),
};
for (const [name, [many, one]] of Object.entries(TYPES)) {
  KINDS[`many small: ${name}`] = many;
  KINDS[`one large: ${name}`] = one;
}

for (const [name, fill] of Object.entries(KINDS)) {
  test(name, () => {
    const before = memory();
    const db = new Keyspace(() => {});
    for (let at = 0; at < COUNT; at++) fill(db, at);
    const taken = memory() - before;
    const ratio = db.octets / taken;
    assert.ok(ratio > 2 / 3 && ratio < 3 / 2, `counted ${db.octets}, taken ${taken}`);
  });
}
