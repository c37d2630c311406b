/**
 * The end of a server without losses: nothing new is taken, what has begun is answered.
 *
 *   idle       nothing under way: closed at once
 *   arriving   a head has begun: closed if it is not whole in a moment
 *   under way  answered, with Connection: close, then closed
 *
 * node's closeIdleConnections() passes over a connection on which nothing ever came.
 */

import { DRAIN_HEAD_MS, DRAIN_MS } from './limits.js';

export class Drain {
  #begun = false;
  /** Socket → responses under way on it, and what had been read when the last one was out. */
  #connections = new Map();

  /** A client has come. @param {import('node:net').Socket} socket */
  opened(socket) {
    this.#connections.set(socket, { underWay: new Set(), read: 0 });
    socket.on('close', () => this.#connections.delete(socket));
  }

  /** A request has come. @param {import('node:http').ServerResponse} response */
  asked(socket, response) {
    const connection = this.#connections.get(socket);
    connection.underWay.add(response);
    response.on('close', () => {
      connection.underWay.delete(response);
      connection.read = socket.bytesRead;
      if (this.#begun && connection.underWay.size === 0) socket.destroySoon();
    });
  }

  /** Is what is under way here the last that is answered? Others are answered behind it. */
  isLast(socket) {
    return this.#begun && this.#connections.get(socket)?.underWay.size === 1;
  }

  /** Is there a request that has wholly come, and has no answer yet? */
  owes(socket) {
    const underWay = this.#connections.get(socket)?.underWay ?? [];
    return [...underWay].some((response) => response.req.complete);
  }

  /** Returns when the last connection is closed. @param {import('node:http').Server} server */
  end(server) {
    this.#begun = true;
    const closed = new Promise((resolve) => server.close(resolve));
    this.#close((socket, { underWay, read }) => underWay.size === 0 && socket.bytesRead === read);
    setTimeout(() => this.#close((_, { underWay }) => underWay.size === 0), DRAIN_HEAD_MS).unref();
    setTimeout(() => this.#close(() => true), DRAIN_MS).unref();
    return closed;
  }

  #close(which) {
    for (const [socket, connection] of this.#connections) {
      if (which(socket, connection)) socket.destroySoon();
    }
  }
}
