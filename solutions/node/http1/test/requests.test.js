import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cuts, readRequests } from './pieces.js';

const HOST = 'Host: example\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';

function bytes(text) {
  return Buffer.from(text, 'latin1');
}

function post(fields, body) {
  return `POST /echo HTTP/1.1\r\n${HOST}${fields}\r\n${body}`;
}

test('requests are the same however they arrive', async () => {
  const all = bytes(
    '\r\nGET /a HTTP/1.1\r\n' + HOST + '\r\n' +
      post('Content-Length: 5\r\n', 'al\r\na') +
      post(CHUNKED, '3;ext="a b"\r\nbra\r\n0002\r\nvo\r\n0\r\nTrailer: x\r\n\r\n') +
      'HEAD /b HTTP/1.0\r\n\r\n',
  );
  const expected = [
    { method: 'GET', target: '/a', body: '' },
    { method: 'POST', target: '/echo', body: 'al\r\na' },
    { method: 'POST', target: '/echo', body: 'bravo' },
    { method: 'HEAD', target: '/b', body: '' },
  ];
  for (const pieces of cuts(all)) assert.deepEqual(await readRequests(pieces), expected);
});

const REFUSED = [
  ['a request line without a version', 'GET /\r\n', 400],
  ['two spaces in a request line', `GET  / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['another major version', 'PRI * HTTP/2.0\r\n\r\n', 505],
  ['LF without CR', 'GET / HTTP/1.1\n', 400],
  ['CR without LF', `GET / HTTP/1.1\r\n${HOST}A: b\rc\r\n\r\n`, 400],
  ['a space before the colon', 'GET / HTTP/1.1\r\nHost : example\r\n\r\n', 400],
  ['a folded line', `GET / HTTP/1.1\r\n${HOST}A: b\r\n c\r\n\r\n`, 400],
  ['an empty field name', `GET / HTTP/1.1\r\n${HOST}: b\r\n\r\n`, 400],
  ['NUL in a field', `GET / HTTP/1.1\r\n${HOST}A: \0\r\n\r\n`, 400],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['two Hosts', `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, 400],
  ['a Host that is none', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
  ['a target too long', `GET /${'a'.repeat(65536)} HTTP/1.1\r\n`, 414],
  ['fields too large', `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(30000)}`, 431],
  ['both length signals', post(`Content-Length: 5\r\n${CHUNKED}`, '0\r\n\r\n'), 400],
  ['two lengths', post('Content-Length: 5\r\nContent-Length: 6\r\n', 'alpha'), 400],
  ['a length with a plus sign', post('Content-Length: +5\r\n', 'alpha'), 400],
  ['a length with an underscore', post('Content-Length: 1_0\r\n', 'alpha'), 400],
  ['a length in hexadecimal', post('Content-Length: 0x5\r\n', 'alpha'), 400],
  ['a length above 2^63', post('Content-Length: 9223372036854775813\r\n', 'alpha'), 413],
  ['chunked that is not last', post('Transfer-Encoding: chunked, gzip\r\n', ''), 400],
  ['a coding that is not known', post('Transfer-Encoding: gzip, chunked\r\n', ''), 501],
  ['a transfer coding in HTTP/1.0', `POST / HTTP/1.0\r\n${CHUNKED}\r\n0\r\n\r\n`, 400],
  ['a chunk size with a sign', post(CHUNKED, '+5\r\nalpha\r\n0\r\n\r\n'), 400],
  ['a chunk size that wraps at 64 bits', post(CHUNKED, '10000000000000005\r\nalpha\r\n'), 413],
  ['a chunk size with a space behind', post(CHUNKED, '5 \r\nalpha\r\n0\r\n\r\n'), 400],
  ['no CRLF after a chunk', post(CHUNKED, '5\r\nalpha0\r\n\r\n'), 400],
  ['endless extensions', post(CHUNKED, `1;${'e'.repeat(1000)}\r\nx\r\n`.repeat(20)), 400],
  ['a malformed trailer', post(CHUNKED, '0\r\nA : b\r\n\r\n'), 400],
  ['a body cut short', post('Content-Length: 5\r\n', 'alp'), 400],
];

for (const [what, request, status] of REFUSED) {
  test(`${what} is refused with ${status}`, async () => {
    await assert.rejects(readRequests([bytes(request)]), (error) => {
      assert.equal(error.status, status, error.message);
      assert.equal(error.close, true);
      return true;
    });
  });
}
