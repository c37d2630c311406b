/**
 * Text that is put together from many small pieces and some long ones: the small are joined, the
 * long wait as references to the strings that they are, and are not copied.
 */

import { BY_REFERENCE, JOINED } from './limits.js';

export class Pieces {
  #text = '';
  /** @type {string[]} */
  parts = [];
  /** Parts ever made. */
  made = 0;

  /** @param {string} text  latin1 */
  add(text) {
    if (text.length >= BY_REFERENCE) {
      this.seal();
      this.#part(text);
    } else {
      this.#text += text;
      if (this.#text.length >= JOINED) this.seal();
    }
  }

  /** What was added up to now becomes parts. @returns {number}  how many there have ever been */
  seal() {
    if (this.#text !== '') this.#part(this.#text);
    this.#text = '';
    return this.made;
  }

  #part(text) {
    this.parts.push(text);
    this.made++;
  }
}
