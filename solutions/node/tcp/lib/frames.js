/** Frames: each goes back as it came, once it is whole. */

import { FrameSplitter, FrameTooLong } from './frame-splitter.js';

const MAX_FRAME = 1_048_576;
const MAX_BLOCK_FRAMES = 1024;

export class FramesProtocol {
  #connection;
  #frames = new FrameSplitter(MAX_FRAME);
  /** @type {Buffer[]} frames received and not yet sent back */
  #block = [];

  /** @param {import('./connection.js').Connection} connection */
  constructor(connection) {
    this.#connection = connection;
  }

  received(bytes) {
    try {
      for (const frame of this.#frames.push(bytes)) this.#frame(frame);
      this.#sendBack();
    } catch (error) {
      if (!(error instanceof FrameTooLong)) throw error;
      this.#sendBack();
      this.#connection.finish();
    }
  }

  #frame(frame) {
    this.#block.push(frame);
    if (this.#block.length === MAX_BLOCK_FRAMES) this.#sendBack();
  }

  #sendBack() {
    if (this.#block.length === 0) return;
    this.#connection.send(this.#block.length === 1 ? this.#block[0] : Buffer.concat(this.#block));
    this.#block = [];
  }
}
