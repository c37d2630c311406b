/** Servers and clients of a few lines, for tests. */

import net from 'node:net';

/** Every way to cut `octets` in two, and the way of one octet at a time. */
export function* cuts(octets) {
  for (let at = 1; at < octets.length; at++) yield [octets.subarray(0, at), octets.subarray(at)];
  yield Array.from(octets, (_, at) => octets.subarray(at, at + 1));
}

/** @param {net.Server} server  @returns {Promise<net.Server>} */
export function listening(server) {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

export function addressOf(server) {
  return { host: '127.0.0.1', port: server.address().port };
}

/** Send, and return all that comes until the other side closes. */
export async function exchange(server, text) {
  const socket = net.connect(addressOf(server));
  socket.write(text);
  const pieces = [];
  for await (const piece of socket) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
}
