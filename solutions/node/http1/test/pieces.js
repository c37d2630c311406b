/** A client without a network: bytes go into one end, in pieces, and requests come out. */

import { Duplex } from 'node:stream';

import { Body, bodyLength } from '../lib/body.js';
import { Head, readHead } from '../lib/head.js';
import { Input } from '../lib/input.js';

/** @param {Buffer[]} pieces  what arrives, then the end */
function inputOf(pieces) {
  const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const input = new Input(stream);
  let next = 0;
  const feed = () => {
    stream.push(next < pieces.length ? pieces[next] : null);
    if (next++ < pieces.length) setImmediate(feed);
  };
  feed();
  return input;
}

/** All requests in `pieces`, as plain objects. Rejects with the first Refusal. */
export async function readRequests(pieces) {
  const input = inputOf(pieces);
  const requests = [];
  for (;;) {
    const head = new Head();
    if (!(await readHead(input, head, () => {}))) return requests;
    const body = new Body(input, bodyLength(head), null);
    const parts = [];
    for await (const piece of body) parts.push(piece);
    const { method, target } = head;
    requests.push({ method, target, body: Buffer.concat(parts).toString('latin1') });
  }
}

/** Every way to cut `bytes` in two, and the way of one byte at a time. */
export function* cuts(bytes) {
  for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
  yield Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
}
