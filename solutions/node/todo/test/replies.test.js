import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Replies, ReplyError, writeCommand } from '../lib/resp.js';
import { cuts } from './talk.js';

const OCTETS = Buffer.from(
  '+OK\r\n:-3\r\n$5\r\nK\xc3\xa4se\r\n$-1\r\n*0\r\n*-1\r\n*2\r\n*2\r\n:1\r\n$0\r\n\r\n+b\r\n',
  'latin1',
);
const VALUES = ['OK', -3, 'Käse', null, [], null, [[1, ''], 'b']];

function valuesOf(pieces) {
  const values = [];
  const replies = new Replies((value) => values.push(value));
  pieces.forEach((piece) => replies.push(piece));
  return values;
}

test('replies are the same in all pieces', () => {
  assert.deepEqual(valuesOf([OCTETS]), VALUES);
  for (const pieces of cuts(OCTETS)) assert.deepEqual(valuesOf(pieces), VALUES);
});

test('an error is a value', () => {
  const [error, after] = valuesOf([Buffer.from('-ERR no\r\n+OK\r\n')]);
  assert.ok(error instanceof ReplyError);
  assert.deepEqual([error.message, after], ['ERR no', 'OK']);
});

test('what is no RESP, or too much of it, is refused before it is kept', () => {
  const bad = [
    'HTTP/1.1 200 OK\r\n',
    ':1_0\r\n',
    '$+5\r\n',
    '$-2\r\n',
    '$5\r\nalphaxx',
    '$99999999\r\n',
    '*99999\r\n',
    '*1\r\n'.repeat(5),
    `+${'x'.repeat(5_000)}`,
  ];
  for (const text of bad) assert.throws(() => valuesOf([Buffer.from(text)]), Error, text);
});

test('a command counts octets', () => {
  assert.equal(writeCommand(['SET', 'ä']), '*2\r\n$3\r\nSET\r\n$2\r\nä\r\n');
});
