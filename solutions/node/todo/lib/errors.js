/**
 * What can go wrong with a request, by kind. Which status a kind becomes stands in problems.js and
 * nowhere else: the layers behind the handlers do not know HTTP.
 */

export class Trouble extends Error {
  /**
   * @param {keyof typeof import('./problems.js').KINDS} kind
   * @param {string} detail  a sentence for whoever asked
   * @param {{members?: object, fields?: object}} [more]  of the problem document; of its header
   */
  constructor(kind, detail, { members = {}, fields = {} } = {}) {
    super(detail);
    this.kind = kind;
    this.members = members;
    this.fields = fields;
  }
}

/** The store or the cache cannot be asked, or does not answer in time. */
export class Away extends Trouble {
  constructor(reason) {
    super('away', 'What is kept cannot be reached. Try again.');
    /** For the log: the client is not told what stands behind the service. */
    this.reason = reason;
  }
}
