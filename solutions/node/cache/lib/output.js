/**
 * What a client is to get.
 *
 *   add        another piece of a reply
 *   seal       all that was added up to now gets a number
 *   release    what has that number or a lower one may leave: the log has it
 *
 * It leaves at the client's pace: the kernel is given a little ahead, the rest waits here, and it
 * is the connection that asks nothing more of the server while `full`.
 */

import { Flooded } from './errors.js';
import { UNSENT_ENOUGH, UNSENT_MOST, WRITE_AHEAD } from './limits.js';
import { Pieces } from './pieces.js';

export class Output {
  #socket;
  #onRoom;
  #pieces = new Pieces();
  /** Parts ever released, and given to the kernel. */
  #released = 0;
  #gone = 0;
  /** Octets that are not the kernel's yet. */
  #waiting = 0;
  #ending = false;

  /**
   * @param {import('node:net').Socket} socket
   * @param {() => void} onRoom  something left, and `full` is over or never was
   */
  constructor(socket, onRoom) {
    this.#socket = socket;
    this.#onRoom = onRoom;
    socket.on('drain', () => this.#pump());
  }

  get full() {
    return this.#waiting + this.#socket.writableLength > UNSENT_ENOUGH;
  }

  /**
   * @param {string} text  latin1
   * @throws {Flooded}
   */
  add(text) {
    if (this.#waiting > UNSENT_MOST) throw new Flooded();
    this.#waiting += text.length;
    this.#pieces.add(text);
  }

  /** @returns {number}  for `release` */
  seal() {
    return this.#pieces.seal();
  }

  release(number) {
    this.#released = number;
    this.#pump();
  }

  /** Send FIN behind what was added. */
  end() {
    this.#ending = true;
    this.#pump();
  }

  #pump() {
    const socket = this.#socket;
    const { parts } = this.#pieces;
    if (socket.destroyed) return;
    while (this.#gone < this.#released && socket.writableLength < WRITE_AHEAD) {
      const part = parts[0];
      const piece = part.length > WRITE_AHEAD ? part.slice(0, WRITE_AHEAD) : part;
      this.#waiting -= piece.length;
      socket.write(piece, 'latin1');
      if (piece.length < part.length) parts[0] = part.slice(WRITE_AHEAD);
      else {
        parts.shift();
        this.#gone++;
      }
    }
    if (this.#ending && this.#gone === this.#pieces.seal()) socket.end();
    else if (!this.full) this.#onRoom();
  }
}
