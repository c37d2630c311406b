import assert from 'node:assert/strict';
import { test } from 'node:test';

import { draftIn, idempotencyIn, searchIn, tagsIn } from '../lib/input.js';
import { Record } from '../lib/record.js';

const asked = (body, fields = {}) => ({
  field: (name) => ({ 'content-type': 'application/json', ...fields })[name],
  body: async () => Buffer.from(body),
});

test('all that is wrong with a body is named', async () => {
  const table = [
    ['{}', ['title', 'done']],
    ['{"title":"","done":null}', ['title', 'done']],
    ['{"title":7,"done":true}', ['title']],
    ['{"title":"a\\u0007","done":0}', ['title', 'done']],
    ['{"title":"\\ud83e","done":false}', ['title']],
    [JSON.stringify({ title: '🥛'.repeat(201), done: false }), ['title']],
    ['{"__proto__":{"title":"a"},"done":true}', ['title']],
  ];
  for (const [body, wrong] of table) {
    await assert.rejects(draftIn(asked(body), ['title', 'done']), ({ kind, members }) => {
      assert.equal(kind, 'members');
      assert.deepEqual(members.errors.map(({ field }) => field), wrong, body);
      return true;
    });
  }
});

test('what is right comes through as it came', async () => {
  const title = '🥛'.repeat(200);
  const { draft } = await draftIn(asked(JSON.stringify({ title, more: 1 })), ['title']);
  assert.deepEqual(draft, { title, done: false });
});

test('what is no JSON object, or says it is something else', async () => {
  for (const body of ['', '{', '[]', 'null', '"a"', '{"a":NaN}', '\ufeff{}', '{}x']) {
    await assert.rejects(draftIn(asked(body), []), { kind: 'not JSON' }, body);
  }
  await assert.rejects(draftIn(asked(Buffer.from([0x22, 0xff, 0x22])), []), { kind: 'not JSON' });
  for (const type of [undefined, '', 'text/plain', 'application/json2', 'application/jso']) {
    const said = asked('{}', { 'content-type': type });
    await assert.rejects(draftIn(said, []), { kind: 'media type' });
  }
});

test('idempotency keys', () => {
  const key = (value) => idempotencyIn({ field: () => value });
  assert.equal(key(undefined), null);
  assert.equal(key('x'.repeat(255)), 'x'.repeat(255));
  for (const bad of ['', 'a b', 'x'.repeat(256), 'ä']) {
    assert.throws(() => key(bad), { kind: 'key' });
  }
});

test('entity tags', () => {
  const table = [
    ['"a"', true, true],
    ['"x", "a"', true, true],
    ['"x,y","a"', true, true],
    ['W/"a"', false, true],
    ['*', true, true],
    ['"b"', false, false],
    ['a', false, false],
    ['"x"a"', false, false],
  ];
  for (const [value, strongly, weakly] of table) {
    assert.equal(tagsIn(value, { weak: false }).has('"a"'), strongly, value);
    assert.equal(tagsIn(value, { weak: true }).has('"a"'), weakly, value);
  }
  assert.equal(tagsIn(undefined, { weak: true }), null);
});

test('a search, and what its next page is asked with', () => {
  const search = searchIn('q=a+b%26&limit=2&done=false&unknown=1');
  assert.deepEqual([search.q, search.limit, search.done, search.after], ['a b&', 2, false, 0]);
  assert.equal(search.onwards(7), 'q=a+b%26&limit=2&done=false&after=7');
  assert.deepEqual(searchIn('').limit, 20);
  const limits = ['limit=0', 'limit=101', 'limit=', 'limit=2x', 'limit=%2B5', 'limit=1&limit=1'];
  for (const bad of [...limits, 'done=maybe', 'done=', 'after=-1', 'q=%ff', 'q=%zz']) {
    assert.throws(() => searchIn(bad), { kind: 'query' }, bad);
  }
});

test('a record is believed only as it was written, and under its own id', () => {
  const record = Record.first('x7', { title: 'milk', done: false }, new Date(0));
  assert.deepEqual(Record.read('x7', record.kept), record);
  const changed = record.changed({ title: 'milk', done: false });
  assert.notEqual(changed.tag, record.tag);
  const other = record.kept.replace('milk', 'beer');
  for (const kept of [null, '', 'changed', ['a'], other, record.json]) {
    assert.equal(Record.read('x7', kept), null);
  }
  assert.equal(Record.read('x8', record.kept), null);
});
