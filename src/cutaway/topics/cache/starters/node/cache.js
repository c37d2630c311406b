// A cache that can answer PING and ECHO, and holds nothing yet.
//
// The first stage, and no more. What the next ones ask is marked with "later".

import net from 'node:net';

const LONGEST = 64 * 1024;

// allowHalfOpen: a client that has finished sending still wants its answers.
const server = net.createServer({ allowHalfOpen: true }, serve);
server.listen(Number(process.env.PORT), '127.0.0.1');

// One command after the other, until the client ends.
function serve(socket) {
  let data = Buffer.alloc(0);

  socket.on('data', (piece) => {
    data = Buffer.concat([data, piece]);
    // bound it: a client that never finishes its command must not fill the memory.
    // Later: an argument alone may have 8 MiB.
    const words = data.length > LONGEST ? undefined : parse(data);
    if (words === undefined) {
      // recover: what is no command ends its connection, not the server.
      // Later: say what was wrong first.
      console.error('a connection was lost: this is no command, or too long');
      socket.destroy();
    } else if (words !== null) {
      // Later: what stands behind the command is the next one; here it is thrown away.
      data = Buffer.alloc(0);
      if (words.length > 0) socket.write(answer(words));
    }
  });

  socket.on('end', () => socket.end());

  // recover: one client that vanishes must not take the server with it. Without this listener it
  // would: an 'error' that nobody handles ends the process.
  socket.on('error', (error) => console.error(`a connection was lost: ${error.message}`));
}

// The words of the command at the start of `data`, as Buffers: null where it is not all here,
// undefined where it is none.
function parse(data) {
  let at = 0;

  // frame it: a line ends with CR LF. What does not begin with * is a line of words.
  const line = () => {
    const end = data.indexOf('\r\n', at);
    if (end < 0) return null;
    const found = data.toString('latin1', at, end);
    at = end + 2;
    return found;
  };
  const first = line();
  if (first === null) return null;
  if (!first.startsWith('*')) {
    return first.split(' ').filter((word) => word !== '').map((word) => Buffer.from(word, 'latin1'));
  }

  // parse it: * and a count; for each word $ and its length, then as many bytes and CR LF.
  // Later: a number that is too large is refused, and so is what only begins like one.
  const count = parseInt(first.slice(1), 10);
  if (Number.isNaN(count)) return undefined;
  const words = [];
  while (words.length < count) {
    const next = line();
    if (next === null) return null;
    const size = parseInt(next.slice(1), 10);
    if (!(size >= 0)) return undefined;
    if (data.length < at + size + 2) return null;
    words.push(data.subarray(at, at + size));
    at += size + 2;
  }
  return words;
}

// decide: which command, in any case, and with how many words behind it.
// act: nothing to look up or to store yet.
// answer: the first byte says the kind: + a short text, $ bytes with their length, - an error.
function answer(words) {
  const name = words[0].toString('latin1').toUpperCase();
  if (name === 'PING' && words.length === 1) return '+PONG\r\n';
  if ((name === 'PING' || name === 'ECHO') && words.length === 2) return bulk(words[1]);
  return '-ERR unknown command, or wrong number of arguments\r\n';
}

// The length counts bytes, not characters: a Buffer has bytes.
function bulk(data) {
  return Buffer.concat([Buffer.from(`$${data.length}\r\n`), data, Buffer.from('\r\n')]);
}
