/** A client without a network: words go in, and what would be sent comes out. */

import { Client } from '../lib/client.js';
import { writeReply } from '../lib/resp.js';
import { Server } from '../lib/server.js';

/** @returns {(line: string) => string}  a command as it is typed, its reply as it is sent */
export function talk(server = new Server(0)) {
  let sent = '';
  const out = { add: (text) => (sent += text) };
  const client = new Client(server, (reply) => writeReply(out, reply, client.protocol));
  return (line) => {
    client.take(line.split(' '));
    const text = sent;
    sent = '';
    return text.trimEnd().replaceAll('\r\n', ' ');
  };
}

/** Every way to cut `bytes` in two, and the way of one octet at a time. */
export function* cuts(bytes) {
  for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
  yield Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
}
