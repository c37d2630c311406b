/** What is clever does the same as what is simple, over random changes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Deadlines } from '../lib/deadlines.js';
import { glob } from '../lib/glob.js';
import { Entry, Keyspace } from '../lib/keyspace.js';
import { List } from '../lib/types/list.js';
import { Members } from '../lib/types/members.js';
import { SortedSet } from '../lib/types/sorted-set.js';

/** A generator of its own: the same numbers every time. */
function* numbers(seed) {
  for (;;) yield (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0);
}

function die(seed) {
  const source = numbers(seed);
  return (sides) => Math.floor((source.next().value / 2 ** 32) * sides);
}

test('a list is an array', () => {
  const roll = die(1);
  const list = new List();
  let array = [];
  for (let step = 0; step < 5000; step++) {
    const item = String(step);
    const kind = roll(5);
    if (kind === 0) (list.pushLeft(item), array.unshift(item));
    else if (kind === 1) (list.pushRight(item), array.push(item));
    else if (kind === 2 && array.length > 0) assert.equal(list.popLeft(), array.shift());
    else if (kind === 3 && array.length > 0) assert.equal(list.popRight(), array.pop());
    else if (kind === 4 && array.length > 0) {
      const at = roll(array.length);
      assert.equal(list.at(at), array[at]);
      assert.deepEqual(list.slice(at, array.length), array.slice(at));
    }
    if (step % 500 === 499) list.fill((array = array.slice(1, -1)));
    assert.equal(list.size, array.length);
  }
  assert.deepEqual(list.slice(0, list.size), array);
});

test('a sorted set is a sorted array', () => {
  const roll = die(2);
  const set = new SortedSet();
  const scores = new Map();
  for (let step = 0; step < 6000; step++) {
    const member = `m${roll(2000)}`;
    if (roll(3) > 0) {
      const score = roll(50);
      if (scores.get(member) !== score) set.set(member, score);
      scores.set(member, score);
    } else assert.equal(set.delete(member), scores.delete(member));
  }
  const sorted = [...scores].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
  const members = set.slice(0, set.size).map((pair) => pair.member);
  assert.deepEqual(members, sorted.map(([member]) => member));
  members.forEach((member, rank) => assert.equal(set.rank(member), rank));
  for (let score = -1; score <= 50; score++) {
    assert.equal(set.countBelow(score, false), sorted.filter(([, one]) => one < score).length);
    assert.equal(set.countBelow(score, true), sorted.filter(([, one]) => one <= score).length);
  }
  assert.deepEqual(set.slice(100, 700).map((pair) => pair.member), members.slice(100, 700));
});

test('a set is a Set', () => {
  const roll = die(3);
  const members = new Members();
  const set = new Set();
  for (let step = 0; step < 3000; step++) {
    const member = String(roll(100));
    if (roll(2) === 0) assert.equal(members.add(member), !set.has(member) && !!set.add(member));
    else assert.equal(members.delete(member), set.delete(member));
    if (set.size > 0) assert.ok(set.has(members.random()));
  }
  assert.deepEqual([...members].sort(), [...set].sort());
});

test('the heap has the soonest first, also when deadlines change', () => {
  const roll = die(4);
  const heap = new Deadlines();
  const entries = Array.from({ length: 200 }, (_, at) => new Entry(String(at), ''));
  for (let step = 0; step < 5000; step++) {
    const entry = entries[roll(200)];
    if (roll(3) > 0) {
      entry.deadline = roll(1000);
      heap.put(entry);
    } else heap.remove(entry);
    const inside = entries.filter((one) => one.heapAt !== -1);
    const soonest = Math.min(...inside.map((one) => one.deadline));
    assert.equal(heap.first?.deadline ?? Infinity, soonest);
    assert.equal(heap.size, inside.length);
  }
});

test('a scan gives whatever is there from its beginning to its end', () => {
  const roll = die(5);
  const db = new Keyspace(() => {});
  for (let at = 0; at < 300; at++) db.put(`stays${at}`, '');
  const seen = new Set();
  let cursor = 0;
  do {
    const { next, entries } = db.scan(cursor, 7);
    for (const { key } of entries) seen.add(key);
    for (let i = 0; i < 9; i++) db.put(`comes${roll(400)}`, '');
    for (let i = 0; i < 9; i++) {
      const entry = db.peek(`comes${roll(400)}`);
      if (entry !== undefined) db.remove(entry);
    }
    cursor = next;
  } while (cursor !== 0);
  for (let at = 0; at < 300; at++) assert.ok(seen.has(`stays${at}`));
});

const PATTERNS = [
  ['*', '', true],
  ['h?llo', 'hallo', true],
  ['h?llo', 'hllo', false],
  ['h*llo', 'heeeello', true],
  ['h[ae]llo', 'hello', true],
  ['h[^e]llo', 'hello', false],
  ['h[a-c]llo', 'hbllo', true],
  ['h\\*llo', 'hello', false],
  ['h\\*llo', 'h*llo', true],
  ['*a*b', 'xxaxxbxb', true],
  ['[\\]]', ']', true],
  ['a.c', 'abc', false],
];

for (const [pattern, text, expected] of PATTERNS) {
  test(`pattern ${pattern} and ${text}`, () => assert.equal(glob(pattern)(text), expected));
}

test('a pattern of many stars takes no time', () => {
  assert.equal(glob('a*'.repeat(60) + 'b')('a'.repeat(5000)), false);
});
