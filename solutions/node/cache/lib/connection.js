/**
 * One connection: octets in, commands in turn, replies in the same order.
 *
 *   reading → stalled → reading …     it does not take its replies: its next command waits
 *           → ending → closed         QUIT, a protocol error, its FIN, or the server's end
 *
 * A stalled client is not read either, so that it fills the kernel's buffers and then waits: what
 * it costs is bounded, and nobody else notices.
 */

import { Client } from './client.js';
import { Flooded, ProtocolError, ReplyError, err } from './errors.js';
import { Framer } from './framer.js';
import { DRAIN_LINGER_MS, LINGER_MS, STALL_MS } from './limits.js';
import { Output } from './output.js';
import { writeReply } from './resp.js';

export class Connection {
  #socket;
  #server;
  #framer = new Framer();
  #output;
  #client;
  #phase = 'reading';
  /** The client has sent its FIN. */
  #heardAll = false;
  #linger = LINGER_MS;

  /**
   * @param {import('node:net').Socket} socket
   * @param {import('./server.js').Server} server
   */
  constructor(socket, server) {
    this.#socket = socket;
    this.#server = server;
    this.#output = new Output(socket, () => this.#goOn());
    this.#client = new Client(server, (reply) => this.#send(reply));
    socket.on('data', (chunk) => this.#hear(chunk));
    socket.on('end', () => this.#hearEnd());
    socket.on('error', () => {}); // a reset, mostly; 'close' follows
    socket.on('close', () => this.#client.leave());
  }

  /** Answer what has been read, then close, without long goodbyes. */
  finish() {
    this.#linger = DRAIN_LINGER_MS;
    if (this.#phase === 'ending') return;
    if (this.#phase === 'stalled') this.#heardAll = true;
    else this.#end();
  }

  #hear(chunk) {
    if (this.#phase === 'ending') return; // lingering: read and dropped
    this.#framer.push(chunk);
    this.#work();
  }

  #hearEnd() {
    this.#heardAll = true;
    if (this.#phase === 'reading') this.#end();
  }

  #work() {
    try {
      while (this.#phase === 'reading') {
        if (this.#output.full || this.#server.log?.full) return this.#stall();
        const words = this.#nextCommand();
        if (words === null) break;
        this.#client.take(words);
        if (this.#client.leaving) this.#end();
      }
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** An argument that the server cannot hold costs its command, not the connection. */
  #nextCommand() {
    for (;;) {
      try {
        return this.#framer.next();
      } catch (error) {
        if (!(error instanceof ReplyError)) throw error;
        this.#send(error);
      }
    }
  }

  #giveUp(error) {
    if (error instanceof ProtocolError) {
      this.#send(err(`Protocol error: ${error.message}`));
      this.#end();
    } else {
      if (!(error instanceof Flooded)) console.error(error);
      this.#phase = 'ending';
      this.#socket.destroy();
    }
  }

  /** Until its replies have left and the log has been written: either wakes it. */
  #stall() {
    this.#phase = 'stalled';
    this.#socket.pause();
    this.#server.turn.add(this.#output);
  }

  #goOn() {
    if (this.#phase !== 'stalled') return;
    this.#phase = 'reading';
    this.#work();
    if (this.#phase === 'stalled') return;
    if (this.#heardAll) this.#end();
    this.#socket.resume();
  }

  /** @param {any} reply  for what the client asked, or pushed by what another did */
  #send(reply) {
    if (this.#phase === 'ending' || this.#socket.destroyed) return;
    try {
      writeReply(this.#output, reply, this.#client.protocol);
      this.#server.turn.add(this.#output);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /**
   * FIN behind the replies. The client's octets are still read and dropped for a while: a socket
   * that is closed with octets unread sends RST, and RST takes the replies with it.
   */
  #end() {
    if (this.#phase === 'ending') return;
    this.#phase = 'ending';
    this.#output.end();
    this.#server.turn.add(this.#output);
    this.#client.leave();
    this.#socket.on('finish', () => {
      setTimeout(() => this.#socket.destroy(), this.#linger).unref();
    });
    this.#socket.setTimeout(STALL_MS, () => this.#socket.destroy());
    this.#socket.resume();
  }
}
