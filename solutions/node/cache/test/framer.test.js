import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ProtocolError } from '../lib/errors.js';
import { Framer } from '../lib/framer.js';
import { cuts } from './talk.js';

/** All commands in `pieces`. */
function commands(pieces) {
  const framer = new Framer();
  const found = [];
  for (const piece of pieces) {
    framer.push(piece);
    for (let words = framer.next(); words !== null; words = framer.next()) found.push(words);
  }
  return found;
}

function bytes(text) {
  return Buffer.from(text, 'latin1');
}

test('commands are the same however they arrive', () => {
  const all = bytes(
    '\r\nPING\r\n*2\r\n$3\r\nGET\r\n$5\r\nal\r\na\r\n*-1\r\n*0\r\nget "a b" \'c\' \n' +
      '*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\n*1\r\n\r\n*1\r\n$4\r\nPING\r\n',
  );
  const expected = [
    ['PING'],
    ['GET', 'al\r\na'],
    ['get', 'a b', 'c'],
    ['SET', '', '*1\r\n'],
    ['PING'],
  ];
  for (const pieces of cuts(all)) assert.deepEqual(commands(pieces), expected);
});

test('a large argument is the same however it arrives', () => {
  const value = Array.from({ length: 300_000 }, (_, at) => String.fromCharCode(at % 251)).join('');
  const all = bytes(`*2\r\n$4\r\nECHO\r\n$${value.length}\r\n${value}\r\nPING\r\n`);
  for (const size of [1, 7, 1000, 40_000, 65_536, all.length]) {
    const pieces = [];
    for (let at = 0; at < all.length; at += size) pieces.push(all.subarray(at, at + size));
    assert.deepEqual(commands(pieces), [['ECHO', value], ['PING']]);
  }
});

const REFUSED = [
  ['a count with a plus sign', '*+1\r\n'],
  ['a count with a leading zero', '*01\r\n'],
  ['a count that is no number', '*x\r\n'],
  ['no count', '*\r\n'],
  ['a count above 2^31 - 1', '*2147483648\r\n'],
  ['a count of twenty digits', '*10000000000000000000\r\n'],
  ['a count whose line ends with LF alone', '*1\n$4\r\nPING\r\n'],
  ['something that is no bulk string', '*1\r\n:4\r\n'],
  ['a length below 0', '*1\r\n$-1\r\n'],
  ['a length above 512 MiB', '*1\r\n$536870913\r\n'],
  ['a length with a space', '*1\r\n$4 \r\n'],
  ['a length that the CRLF behind contradicts', '*1\r\n$3\r\nPING\r\n'],
  ['a quote that is not closed', 'ECHO "a\r\n'],
  ['something behind a quote', 'ECHO "a"b\r\n'],
  ['an inline command without an end', 'x'.repeat(66_560)],
];

for (const [name, text] of REFUSED) {
  test(`refused: ${name}`, () => {
    assert.throws(() => commands([bytes(text)]), ProtocolError);
    const octets = Array.from(bytes(text), (octet) => Buffer.of(octet));
    assert.throws(() => commands(octets), ProtocolError);
  });
}

test('what went ahead of an error is given out', () => {
  const framer = new Framer();
  framer.push(bytes('PING\r\n*1\r\n:4\r\n'));
  assert.deepEqual(framer.next(), ['PING']);
  assert.throws(() => framer.next(), ProtocolError);
});

test('an announced length and an announced count cost nothing', () => {
  const before = process.memoryUsage().rss;
  const framers = Array.from({ length: 100 }, () => new Framer());
  for (const framer of framers) {
    framer.push(bytes('*2147483647\r\n$536870912\r\nabc'));
    assert.equal(framer.next(), null);
  }
  assert.ok(process.memoryUsage().rss - before < 16 * 1024 * 1024);
});

const INLINE = [
  ['SET  a\tb', ['SET', 'a', 'b']],
  ['ECHO ""', ['ECHO', '']],
  ['ECHO "\\x41\\n\\"\\q"', ['ECHO', 'A\n"q']],
  ["ECHO 'it\\'s \\n'", ['ECHO', "it's \\n"]],
  ['ECHO a"b c"', ['ECHO', 'ab c']],
];

for (const [line, words] of INLINE) {
  test(`inline: ${line}`, () => assert.deepEqual(commands([bytes(`${line}\r\n`)]), [words]));
}
