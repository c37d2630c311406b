/**
 * The append-only file: what changed, as the commands that would change it again.
 *
 *   append    the words wait in memory
 *   commit    at the end of a turn they are written together; then the replies may leave
 *
 *   always      write, then flush, then reply      survives a crash of the machine
 *   everysec    write, then reply; flushed by the second
 *   no          write, then reply; flushed when the system likes
 *
 * Written is enough to survive the end of this process: the kernel has it. Only flushed is on the
 * disk. Both are asynchronous: while the disk works the loop serves on, and whoever comes
 * meanwhile shares the next write.
 *
 * When the disk refuses, nothing can be acknowledged any more, and after a failed flush nobody
 * knows what is on the disk: the server ends.
 */

import { open } from 'node:fs/promises';

import { FLUSH_EVERY_MS, LOG_ENOUGH } from './limits.js';
import { Pieces } from './pieces.js';
import { writeWords } from './resp.js';

export class Log {
  #file;
  #config;
  /** Commands not yet given to the disk, their octets, and who waits for them. */
  #pieces = new Pieces();
  #octets = 0;
  /** @type {(() => void)[]} */
  #waiting = [];
  #busy = false;
  /** Written, and not flushed. */
  #unflushed = false;
  #flushing = Promise.resolve();
  #timer;
  #onFailure;

  /**
   * @param {string} path
   * @param {import('./config.js').Config} config
   * @param {(error: Error) => never} onFailure
   */
  static async open(path, config, onFailure) {
    return new Log(await open(path, 'a'), config, onFailure);
  }

  constructor(file, config, onFailure) {
    this.#file = file;
    this.#config = config;
    this.#onFailure = onFailure;
    this.#timer = setInterval(() => this.#flushDue(), FLUSH_EVERY_MS);
    this.#timer.unref();
  }

  /** Nothing waits to be written, nothing is under way. */
  get idle() {
    return !this.#busy && this.#octets === 0;
  }

  /** The disk does not keep up: whoever writes has to wait. */
  get full() {
    return this.#octets > LOG_ENOUGH;
  }

  /** @param {string[]} words */
  append(words) {
    writeWords(this, words);
  }

  /** @param {string} text  a piece of a command */
  add(text) {
    this.#octets += text.length;
    this.#pieces.add(text);
  }

  /** @param {() => void} done  called when all that was appended before is safe */
  commit(done) {
    this.#waiting.push(done);
    if (!this.#busy) void this.#writeOut();
  }

  /** Write and flush what is left; nothing is written after that. */
  async close() {
    clearInterval(this.#timer);
    await new Promise((resolve) => this.commit(resolve));
    this.#busy = true;
    await this.#flush();
    await this.#file.close();
  }

  async #writeOut() {
    this.#busy = true;
    try {
      while (this.#waiting.length > 0) {
        const [pieces, waiting] = [this.#pieces, this.#waiting];
        this.#pieces = new Pieces();
        this.#octets = 0;
        this.#waiting = [];
        pieces.seal();
        for (const part of pieces.parts) await this.#write(Buffer.from(part, 'latin1'));
        if (this.#config.appendfsync === 'always') await this.#flush();
        for (const done of waiting) done();
      }
    } catch (error) {
      this.#onFailure(error);
    }
    this.#busy = false;
  }

  async #write(octets) {
    for (let at = 0; at < octets.length; ) {
      at += (await this.#file.write(octets, at)).bytesWritten;
      this.#unflushed = true;
    }
  }

  #flushDue() {
    if (this.#config.appendfsync === 'everysec') this.#flush().catch(this.#onFailure);
  }

  /** One at a time; what is written while it runs waits for the next. */
  #flush() {
    this.#flushing = this.#flushing.then(async () => {
      if (!this.#unflushed) return;
      this.#unflushed = false;
      await this.#file.datasync();
    });
    return this.#flushing;
  }
}
