/**
 * What the client gets. `write` resolves when there is room for more: whoever awaits it
 * goes at the client's pace, and one answer holds a few buffers, however long it is.
 */

import { Gone } from './errors.js';
import { WRITE_STALL_MS } from './limits.js';

export class Output {
  #socket;
  #corked = false;
  #wake = () => {};

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.#socket = socket;
    for (const event of ['drain', 'finish', 'close']) socket.on(event, () => this.#wake());
  }

  /**
   * @param {Buffer | string} data  a string is latin1
   * @throws {Gone}
   */
  async write(data) {
    if (this.#socket.destroyed) throw new Gone();
    this.#corkForThisTick();
    if (this.#socket.write(data, 'latin1')) return;
    await this.#event();
    if (this.#socket.destroyed) throw new Gone();
  }

  /** Send FIN after what has been written. */
  end() {
    this.#socket.end();
  }

  /** Wait until the kernel has everything. */
  async finished() {
    while (!this.#socket.writableFinished && !this.#socket.destroyed) await this.#event();
  }

  /** A head and its body, or many small chunks, become one system call. */
  #corkForThisTick() {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#socket.uncork();
    });
  }

  #event() {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#socket.destroy(), WRITE_STALL_MS);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
    });
  }
}
