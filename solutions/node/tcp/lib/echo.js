/** Raw echo. A stream has no messages: whatever piece arrives goes back as it is. */

export class EchoProtocol {
  #connection;

  /** @param {import('./connection.js').Connection} connection */
  constructor(connection) {
    this.#connection = connection;
  }

  received(bytes) {
    this.#connection.send(bytes);
  }
}
