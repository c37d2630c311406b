// An HTTP/1.1 server that gives one answer: GET / is 200, everything else is 404.
//
// The first stage, and no more. What the next ones ask is marked with "later".

import net from 'node:net';

const LONGEST_HEAD = 16 * 1024;
const BLANK_LINE = '\r\n\r\n';

// allowHalfOpen: a client that has finished sending still wants its answer.
const server = net.createServer({ allowHalfOpen: true }, serve);
server.listen(Number(process.env.PORT), '127.0.0.1');

// One request, one answer. Later: the connection stays open for the next request.
function serve(socket) {
  let data = Buffer.alloc(0);

  socket.on('data', (piece) => {
    if (socket.writableEnded) return; // answered already
    data = Buffer.concat([data, piece]);

    // frame it: a head ends at the first blank line. One piece may bring less than that, or more.
    // Later: what comes behind it is the body, or the next request; here it is thrown away.
    const end = data.indexOf(BLANK_LINE);
    if (end >= 0) {
      answer(socket, data.toString('latin1', 0, end));
    } else if (data.length > LONGEST_HEAD) {
      // bound it: a client that never sends a blank line must not fill the memory.
      // Later: say 431 first; and do not wait for ever for a client that says nothing.
      socket.destroy();
    }
  });

  socket.on('end', () => socket.end());

  // recover: one client that vanishes must not take the server with it. Without this listener it
  // would: an 'error' that nobody handles ends the process.
  socket.on('error', (error) => console.error(`a connection was lost: ${error.message}`));
}

function answer(socket, head) {
  // parse it: the first line is METHOD SP TARGET SP VERSION.
  // Later: what does not look like that is refused with 400, and the fields below it count.
  const [method, target] = head.split('\r\n')[0].split(' ');

  // decide: which answer.
  // act: nothing to look up or to store yet.
  if (method === 'GET' && target === '/') {
    send(socket, '200 OK', 'hello\n');
  } else {
    send(socket, '404 Not Found', 'there is nothing here\n');
  }
}

function send(socket, status, body) {
  // answer: Content-Length counts the bytes of the body, not its characters. It is how the client
  // knows the end.
  socket.end(
    `HTTP/1.1 ${status}\r\n` +
      'Content-Type: text/plain\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n` +
      'Connection: close\r\n' +
      '\r\n' +
      body,
  );
}
