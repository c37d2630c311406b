/**
 * The end of a turn of the event loop.
 *
 *   poll phase     octets of every client that sent some; commands run, replies are put together
 *   check phase    what was written goes to the log, then the replies leave
 *
 * setImmediate is the door to the check phase. Ten clients that wrote in one turn cost one write
 * of the log, and with `always` one flush: that is group commit. While a flush is under way the
 * loop goes on, and what comes meanwhile shares the next.
 *
 * Every reply waits for the log, also one that only reads: it may show what another has written,
 * and nobody is to see what a crash could take back.
 */

export class Turn {
  #log;
  /** @type {Set<import('./output.js').Output>} */
  #outputs = new Set();

  /** @param {import('./log.js').Log | null} log */
  constructor(log) {
    this.#log = log;
  }

  /** Something was added to this output. */
  add(output) {
    if (this.#outputs.size === 0) setImmediate(() => this.#finish());
    this.#outputs.add(output);
  }

  #finish() {
    const outputs = this.#outputs;
    this.#outputs = new Set();
    if (this.#log === null || this.#log.idle) {
      for (const output of outputs) output.release(output.seal());
      return;
    }
    const marks = Array.from(outputs, (output) => [output, output.seal()]);
    this.#log.commit(() => {
      for (const [output, mark] of marks) output.release(mark);
    });
  }
}
