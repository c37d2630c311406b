/** Replies that a string, a number, null, an array, a Map or a Set cannot say. */

import { writeBulk, writeItems, writeReply } from './resp.js';
import { formatDouble } from './numbers.js';

/** `+OK` */
export class Simple {
  constructor(text) {
    this.text = `+${text}\r\n`;
  }

  writeTo(out) {
    out.add(this.text);
  }
}

export const OK = new Simple('OK');
export const PONG = new Simple('PONG');
export const QUEUED = new Simple('QUEUED');

/** No array, which RESP2 tells from no string. */
export const NO_ARRAY = {
  writeTo(out, protocol) {
    out.add(protocol === 3 ? '_\r\n' : '*-1\r\n');
  },
};

/** A score: a number of its own in RESP3, a string in RESP2. */
export class Double {
  constructor(value) {
    this.value = value;
  }

  writeTo(out, protocol) {
    const text = formatDouble(this.value);
    if (protocol === 3) out.add(`,${text}\r\n`);
    else writeBulk(out, text);
  }
}

/** Text for people. */
export class Verbatim {
  constructor(text) {
    this.text = text;
  }

  writeTo(out, protocol) {
    if (protocol === 3) out.add(`=${this.text.length + 4}\r\ntxt:${this.text}\r\n`);
    else writeBulk(out, this.text);
  }
}

/** What a client gets without having asked just now. */
export class Push {
  constructor(...items) {
    this.items = items;
  }

  writeTo(out, protocol) {
    writeItems(out, protocol === 3 ? '>' : '*', this.items, this.items.length, protocol);
  }
}

/** One command, several replies: SUBSCRIBE a b. */
export class Several {
  constructor(replies) {
    this.replies = replies;
  }

  writeTo(out, protocol) {
    for (const reply of this.replies) writeReply(out, reply, protocol);
  }
}
