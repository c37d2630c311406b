/**
 * Lines: each goes back as it came, or, after `/join ROOM`, to everybody in the room.
 *
 * Neighbouring lines are handed on together: sixty thousand empty lines in one read must
 * not become sixty thousand writes.
 */

import { LineSplitter, LineTooLong } from './line-splitter.js';

const MAX_LINE = 4096;
const MAX_BLOCK_LINES = 1024;
const JOIN = Buffer.from('/join ');

export class LinesProtocol {
  #connection;
  #rooms;
  #room = null;
  #lines = new LineSplitter(MAX_LINE);
  /** @type {Buffer[]} lines received and not yet handed on */
  #block = [];

  /**
   * @param {import('./connection.js').Connection} connection
   * @param {import('./rooms.js').Rooms} rooms
   */
  constructor(connection, rooms) {
    this.#connection = connection;
    this.#rooms = rooms;
  }

  received(bytes) {
    try {
      for (const line of this.#lines.push(bytes)) this.#line(line);
      this.#handOn();
    } catch (error) {
      if (!(error instanceof LineTooLong)) throw error;
      this.#handOn();
      this.#connection.finish();
    }
  }

  closed() {
    this.#room?.leave(this.#connection);
    this.#room = null;
  }

  #line(line) {
    const name = roomToJoin(line);
    if (name !== null) {
      this.#handOn();
      this.#join(name);
      return;
    }
    this.#block.push(line);
    if (this.#block.length === MAX_BLOCK_LINES) this.#handOn();
  }

  #handOn() {
    if (this.#block.length === 0) return;
    const block = this.#block.length === 1 ? this.#block[0] : Buffer.concat(this.#block);
    this.#block = [];
    if (this.#room) this.#room.say(block);
    else this.#connection.send(block);
  }

  #join(name) {
    this.#room?.leave(this.#connection);
    this.#connection.send(Buffer.from(`joined ${name}\n`, 'latin1'));
    this.#room = this.#rooms.join(name, this.#connection);
  }
}

/**
 * The room that a line asks for, or null when it is an ordinary line. Names are bytes: latin1
 * maps each to one character and back.
 */
function roomToJoin(line) {
  if (!line.subarray(0, JOIN.length).equals(JOIN)) return null;
  const name = line.latin1Slice(JOIN.length, line.length - 1).replace(/\r$/, '');
  return name === '' ? null : name;
}
