/** The ways a request ends early. */

/** An answer other than the one hoped for; the message becomes its body. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} message  one sentence for whoever reads the answer
   * @param {{fields?: [string, string][], close?: boolean}} [options]
   */
  constructor(status, message, { fields = [], close = false } = {}) {
    super(message);
    this.status = status;
    this.fields = fields;
    this.close = close;
  }
}

/** A refusal after which nobody can say where the next request begins. */
export function faulty(message, status = 400) {
  return new Refusal(status, message, { close: true });
}

/** The client sent nothing for too long. */
export class TimedOut extends Error {}

/** The client is not there any more, so there is nobody to answer. */
export class Gone extends Error {}
