// Raw echo on $PORT: every byte that arrives is sent back, until the client has finished.
//
// The first stage, and no more. What the next ones ask is marked with "later".

import net from 'node:net';

// allowHalfOpen: a client that has finished sending still wants what we owe it. Without it, Node
// ends our side by itself.
const server = net.createServer({ allowHalfOpen: true }, echo);

// Later: two more listeners, on $LINES_PORT and $FRAMES_PORT.
server.listen(Number(process.env.PORT), '127.0.0.1');

function echo(socket) {
  socket.on('data', (piece) => {
    // bound it: Node reads at most 64 KiB at a time, however much the client sends.

    // frame it, parse it: nothing to do. A piece of the stream is not a message, and echo does
    // not need one. Later: where a line or a frame ends is ours to find, across pieces.

    // act: an echo has nothing to work out.

    // answer: what the kernel does not take now, Node keeps in memory and sends later.
    // Later: for a client that never reads, that memory grows without bound. write() says so by
    // returning false.
    socket.write(piece);
  });

  // decide: the client's FIN means "I have finished sending". We finish, too.
  socket.on('end', () => socket.end());

  // recover: one client that vanishes must not take the server with it. Without this listener it
  // would: an 'error' that nobody handles ends the process.
  socket.on('error', (error) => console.error(`a connection was lost: ${error.message}`));
}
