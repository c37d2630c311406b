import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chooseCoding } from '../lib/codings.js';
import { entityTags, precondition, rangeIsCurrent } from '../lib/conditions.js';
import { formatDate, parseDate } from '../lib/dates.js';
import { Fields } from '../lib/fields.js';
import { selectRange } from '../lib/ranges.js';
import { parseTarget } from '../lib/target.js';

function fieldsOf(lines) {
  const fields = new Fields();
  for (const [name, value] of Object.entries(lines)) fields.add(name, value);
  return fields;
}

test('the three formats of a date are one time', () => {
  const texts = [
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
  ];
  for (const text of texts) assert.equal(parseDate(text), 784111777);
  assert.equal(formatDate(784111777), texts[0]);
  assert.equal(parseDate('yesterday'), null);
});

test('a path is split before it is decoded', () => {
  assert.deepEqual(parseTarget('GET', '/echo/a%2Fb%ff?x').segments, ['echo', 'a/b\xff']);
  assert.deepEqual(parseTarget('GET', 'http://host:80/a').segments, ['a']);
  assert.deepEqual(parseTarget('GET', '/files//x').segments, ['files', '', 'x']);
  assert.equal(parseTarget('OPTIONS', 'http://host').asterisk, true);
  for (const bad of ['/%zz', '/%4', '/a#b', 'a', '*', 'http:///x', 'http://u@h/', '/"']) {
    assert.throws(() => parseTarget('GET', bad), { status: 400 }, bad);
  }
});

test('ranges', () => {
  const table = [
    ['bytes=0-4', { start: 0, end: 5 }],
    ['bytes=5-', { start: 5, end: 10 }],
    ['bytes=-3', { start: 7, end: 10 }],
    ['bytes=-99', { start: 0, end: 10 }],
    ['bytes=9-99999999999999999999', { start: 9, end: 10 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=4-2', 'whole'],
    ['bytes=0-0,2-2', 'whole'],
    ['lines=0-1', 'whole'],
    ['bytes=-', 'whole'],
  ];
  for (const [text, expected] of table) assert.deepEqual(selectRange(text, 10), expected, text);
});

test('codings', () => {
  const table = [
    ['gzip', 'gzip'],
    ['gzip;q=0', 'identity'],
    ['*', 'gzip'],
    ['*;q=0', 'identity'],
    ['gzip;q=0, *', 'identity'],
    ['gzip;q=0.5, identity', 'identity'],
    ['identity;q=0, GZIP;q=0.1', 'gzip'],
    ['br', 'identity'],
  ];
  for (const [text, expected] of table) {
    assert.equal(chooseCoding(fieldsOf({ 'accept-encoding': text }), true), expected, text);
  }
  assert.equal(chooseCoding(new Fields(), true), 'identity');
});

test('entity tags may hold commas', () => {
  assert.deepEqual(entityTags('"a,b" , W/"c",, "d"'), [
    { weak: false, opaque: '"a,b"' },
    { weak: true, opaque: '"c"' },
    { weak: false, opaque: '"d"' },
  ]);
});

test('preconditions in their order', () => {
  const current = { tags: ['"a"'], modified: 784111777 };
  const then = 'Sun, 06 Nov 1994 08:49:37 GMT';
  const before = 'Sun, 06 Nov 1994 08:49:36 GMT';
  const table = [
    ['GET', { 'if-match': '"a"' }, null],
    ['GET', { 'if-match': 'W/"a"' }, 412],
    ['GET', { 'if-match': '*' }, null],
    ['GET', { 'if-match': '"b"', 'if-none-match': '"a"' }, 412],
    ['GET', { 'if-match': '"a"', 'if-unmodified-since': before }, null],
    ['GET', { 'if-unmodified-since': before }, 412],
    ['GET', { 'if-none-match': 'W/"a"' }, 304],
    ['PUT', { 'if-none-match': '*' }, 412],
    ['GET', { 'if-modified-since': then }, 304],
    ['GET', { 'if-modified-since': before }, null],
    ['GET', { 'if-modified-since': then, 'if-none-match': '"b"' }, null],
    ['PUT', { 'if-modified-since': then }, null],
  ];
  for (const [method, lines, expected] of table) {
    assert.equal(precondition(method, fieldsOf(lines), current), expected, JSON.stringify(lines));
  }
  assert.equal(precondition('PUT', fieldsOf({ 'if-match': '*' }), null), 412);
  assert.equal(precondition('PUT', fieldsOf({ 'if-none-match': '*' }), null), null);
});

test('a range is served under a strong tag only', () => {
  assert.equal(rangeIsCurrent(undefined, '"a"'), true);
  assert.equal(rangeIsCurrent('"a"', '"a"'), true);
  assert.equal(rangeIsCurrent('W/"a"', '"a"'), false);
  assert.equal(rangeIsCurrent('Sun, 06 Nov 1994 08:49:37 GMT', '"a"'), false);
});
