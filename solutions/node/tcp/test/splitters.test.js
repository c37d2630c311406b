import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FrameSplitter, FrameTooLong } from '../lib/frame-splitter.js';
import { LineSplitter, LineTooLong } from '../lib/line-splitter.js';

/** Push `text` split at every pair of places, and expect the same messages each time. */
function inAnyPieces(makeSplitter, bytes, expected) {
  for (let a = 0; a <= bytes.length; a++) {
    for (let b = a; b <= bytes.length; b++) {
      const splitter = makeSplitter();
      const pieces = [bytes.subarray(0, a), bytes.subarray(a, b), bytes.subarray(b)];
      const got = pieces.flatMap((piece) => [...splitter.push(piece)].map(String));
      assert.deepEqual(got, expected, `split at ${a} and ${b}`);
    }
  }
}

function frame(text) {
  const bytes = Buffer.alloc(4 + text.length);
  bytes.writeUInt32BE(text.length);
  bytes.write(text, 4);
  return bytes;
}

test('lines are the same however they arrive', () => {
  const bytes = Buffer.from('alpha\n\nbravo\r\nrest');
  inAnyPieces(() => new LineSplitter(8), bytes, ['alpha\n', '\n', 'bravo\r\n']);
});

test('a line of exactly the limit is a line, and one byte more is not', () => {
  const splitter = new LineSplitter(4);
  assert.deepEqual([...splitter.push(Buffer.from('abcd\n'))].map(String), ['abcd\n']);
  assert.deepEqual([...splitter.push(Buffer.from('abcd'))], []);
  assert.throws(() => [...splitter.push(Buffer.from('e'))], LineTooLong);
});

test('lines before a line that is too long are still given', () => {
  const got = [];
  assert.throws(() => {
    for (const line of new LineSplitter(4).push(Buffer.from('ab\nabcdefgh'))) got.push(`${line}`);
  }, LineTooLong);
  assert.deepEqual(got, ['ab\n']);
});

test('frames are the same however they arrive', () => {
  const messages = ['alpha', '', 'bravo!', ''].map(frame);
  inAnyPieces(() => new FrameSplitter(16), Buffer.concat(messages), messages.map(String));
});

test('a length above the limit is refused as soon as its fourth byte is there', () => {
  const splitter = new FrameSplitter(1_048_576);
  assert.deepEqual([...splitter.push(Buffer.from([0x00, 0x10, 0x00]))], []);
  assert.throws(() => [...splitter.push(Buffer.from([0x01]))], FrameTooLong);
});

test('a frame of the largest length that drips in is linear in time', () => {
  const bytes = frame('x'.repeat(1_048_576));
  const splitter = new FrameSplitter(1_048_576);
  const got = [];
  for (let at = 0; at < bytes.length; at += 16) {
    got.push(...splitter.push(bytes.subarray(at, at + 16)));
  }
  assert.equal(got.length, 1);
  assert.ok(got[0].equals(bytes));
});
