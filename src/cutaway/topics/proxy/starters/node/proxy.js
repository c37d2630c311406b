// A reverse proxy: each request goes to one upstream, and what that answers is answered.
//
// The first stage, and no more. What the next ones ask is marked with "later".

import net from 'node:net';
import { once } from 'node:events';

const LONGEST_HEAD = 16 * 1024;
const BLANK_LINE = '\r\n\r\n';

// Later: there are several, separated by commas. Here the first of them gets everything.
const [, host, port] = process.env.UPSTREAMS.match(/^([^,]*):(\d+)/);
const upstream = { host, port: Number(port) };

// allowHalfOpen: a client that has finished sending still wants its answer.
const server = net.createServer({ allowHalfOpen: true }, async (socket) => {
  const client = new Stream(socket);
  try {
    while (await forward(client));
    socket.end();
  } catch (error) {
    // recover: one client that vanishes must not take the proxy with it.
    console.error(`a connection was lost: ${error.message}`);
    socket.destroy();
  }
});
server.listen(Number(process.env.PORT), '127.0.0.1');

// One request and its answer. False where the client connection ends behind it.
async function forward(client) {
  const head = await client.head();
  if (head === null) return false;

  // parse it: the first line is METHOD SP TARGET SP VERSION. The target is passed on as it is.
  // Later: what does not look like that is refused with 400, and never reaches an upstream.
  const method = head.toString('latin1').split(' ', 1)[0];

  // Later: a body can come in chunks too, or be too large to be held in memory.
  const body = await client.exactly(lengthOf(head) ?? 0);

  // decide: there is one upstream, and no tunnels.
  if (method === 'CONNECT') {
    client.refuse('501 Not Implemented');
    return true;
  }

  // act: send the request as it came, and read the answer to its end.
  // Later: connections to the upstream are kept, and fields that belong to one are taken out.
  const socket = net.connect({ ...upstream, allowHalfOpen: true });
  try {
    await once(socket, 'connect');
  } catch {
    // recover: no upstream is no reason to fall silent.
    client.refuse('502 Bad Gateway');
    return true;
  }
  const there = new Stream(socket);
  try {
    socket.write(Buffer.concat([head, body]));
    return await answer(client, there, method);
  } finally {
    socket.destroy();
  }
}

// What the upstream answers. False where only the end of the connection can end it.
async function answer(client, there, method) {
  // Later: an upstream that ends without an answer is 502, one that is silent 504.
  const head = await there.head();
  if (head === null) throw new Error('the upstream ended its connection without an answer');

  // frame it: these never have a body, whatever their fields say.
  const status = head.toString('latin1').split(' ', 2)[1];
  const none = method === 'HEAD' || status === '204' || status === '304';
  const length = none ? 0 : lengthOf(head);

  // answer: head and body as they came.
  const body = length === null ? await there.rest() : await there.exactly(length);
  client.socket.write(Buffer.concat([head, body]));
  return length !== null;
}

// What Content-Length says; null where it is not there.
function lengthOf(head) {
  const found = head.toString('latin1').match(/\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n/i);
  return found ? Number(found[1]) : null;
}

// A connection, and what has come on it and was not read yet.
class Stream {
  constructor(socket) {
    this.socket = socket;
    this.unread = Buffer.alloc(0);
    this.error = null;
    // An 'error' that nobody handles ends the process.
    socket.on('error', (error) => { this.error = error; });
  }

  // Wait for more. False where the other side has ended.
  async more() {
    for (;;) {
      const piece = this.socket.read();
      if (piece !== null) {
        this.unread = Buffer.concat([this.unread, piece]);
        return true;
      }
      if (this.error) throw this.error;
      if (this.socket.readableEnded || this.socket.destroyed) return false;
      await new Promise((resolve) => {
        const events = ['readable', 'end', 'close'];
        const wake = () => {
          events.forEach((name) => this.socket.off(name, wake));
          resolve();
        };
        events.forEach((name) => this.socket.on(name, wake));
      });
    }
  }

  // Everything up to the blank line, with it; null where the other side has ended.
  async head() {
    // frame it: one piece may bring less than a head, or more. What is behind it stays unread.
    let end;
    while ((end = this.unread.indexOf(BLANK_LINE)) < 0) {
      // bound it: whoever never sends a blank line must not fill the memory.
      // Later: say 431 before closing.
      if (this.unread.length > LONGEST_HEAD || !(await this.more())) return null;
    }
    return this.take(end + BLANK_LINE.length);
  }

  async exactly(octets) {
    while (this.unread.length < octets) {
      if (!(await this.more())) throw new Error('a connection ended in the middle of a body');
    }
    return this.take(octets);
  }

  // Everything up to the end of the connection.
  async rest() {
    while (await this.more());
    return this.take(this.unread.length);
  }

  take(octets) {
    const taken = this.unread.subarray(0, octets);
    this.unread = this.unread.subarray(octets);
    return taken;
  }

  // An answer of the proxy itself, without a body.
  refuse(status) {
    this.socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
  }
}
