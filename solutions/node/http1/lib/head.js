/**
 * Request line and fields. RFC 9112 §2 to §5.
 *
 *   GET /echo/alpha HTTP/1.1⏎   request line
 *   Host: example⏎              fields
 *   ⏎                           the head is complete
 *
 * Each line is judged when it is complete, so nonsense is refused without waiting for a
 * blank line that may never come.
 */

import { TimedOut, faulty } from './errors.js';
import { Fields, parseFieldLine } from './fields.js';
import { LineTooLong } from './input.js';
import { HEAD_MS, IDLE_MS, MAX_EMPTY_LINES, MAX_FIELDS, MAX_REQUEST_LINE } from './limits.js';
import { isHost } from './target.js';

const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e]+) HTTP\/([0-9])\.([0-9])$/;

/**
 * Filled line by line: after a refusal it tells what was known (no body answers a HEAD).
 */
export class Head {
  method = '';
  target = '';
  minor = 1;
  fields = new Fields();

  /** @returns {boolean}  may the connection stay open after this request? RFC 9112 §9.3 */
  get persists() {
    const options = this.fields.list('connection').map((option) => option.toLowerCase());
    if (options.includes('close')) return false;
    return this.minor >= 1 || options.includes('keep-alive');
  }
}

/**
 * @param {import('./input.js').Input} input
 * @param {Head} head
 * @param {() => void} begun  called when the first byte of a request is there
 * @returns {Promise<boolean>}  false when the client left, or stayed idle, without a request
 */
export async function readHead(input, head, begun) {
  const clock = new HeadClock(input, begun);
  const requestLine = await readRequestLine(clock);
  if (requestLine === null) return false;
  parseRequestLine(requestLine, head);
  await readFields(clock, head);
  checkHost(head);
  return true;
}

/** Reads lines, and knows how long they may take: forever-ish before a head, 5 s within it. */
class HeadClock {
  #input;
  #begun;
  #deadline = null;

  constructor(input, begun) {
    this.#input = input;
    this.#begun = begun;
  }

  get running() {
    return this.#deadline !== null;
  }

  start() {
    if (this.running) return;
    this.#deadline = performance.now() + HEAD_MS;
    this.#begun();
  }

  stop() {
    this.#deadline = null;
  }

  /** @returns {Promise<string | null>}  null at the end of what the client sends */
  async line(limit) {
    for (;;) {
      const line = this.#input.line(limit);
      if (line !== null) return line;
      if (this.#input.insideLine) this.start();
      const wait = this.running ? this.#deadline - performance.now() : IDLE_MS;
      if (!(await this.#input.more(wait))) return null;
    }
  }
}

async function readRequestLine(clock) {
  try {
    for (let empty = 0; empty <= MAX_EMPTY_LINES; empty++) {
      const line = await clock.line(MAX_REQUEST_LINE);
      if (line === null && clock.running) throw faulty('The request line is not complete.');
      if (line !== '') {
        if (line !== null) clock.start();
        return line;
      }
      clock.stop(); // an empty line before a request is no request: RFC 9112 §2.2
    }
  } catch (error) {
    if (error instanceof TimedOut && !clock.running) return null;
    if (error instanceof TimedOut) throw faulty('The request line took too long.', 408);
    if (!(error instanceof LineTooLong)) throw error;
    if (error.start.includes(' ')) throw faulty('The request target is too long.', 414);
    throw faulty('The request line is too long.');
  }
  throw faulty('Too many empty lines before a request.');
}

function parseRequestLine(line, head) {
  const match = REQUEST_LINE.exec(line);
  if (!match) throw faulty('The request line is not "method target HTTP/1.1" (RFC 9112 §3).');
  const [, method, target, major, minor] = match;
  head.method = method;
  head.target = target;
  head.minor = Number(minor);
  if (major !== '1') throw faulty('This server speaks HTTP/1.1.', 505);
}

async function readFields(clock, head) {
  let left = MAX_FIELDS;
  try {
    for (;;) {
      const line = await clock.line(left);
      if (line === null) throw faulty('The head is not complete.');
      if (line === '') return;
      head.fields.add(...parseFieldLine(line));
      left -= line.length + 2;
      if (left < 0) throw new LineTooLong(line);
    }
  } catch (error) {
    if (error instanceof TimedOut) throw faulty('The head took too long.', 408);
    if (error instanceof LineTooLong) throw faulty('The fields are too large.', 431);
    throw error;
  }
}

/** RFC 9112 §3.2: exactly one Host in HTTP/1.1, at most one before, and valid. */
function checkHost(head) {
  const hosts = head.fields.all('host');
  if (hosts.length === 0 && head.minor === 0) return;
  if (hosts.length !== 1) throw faulty('A request has exactly one Host field (RFC 9112 §3.2).');
  if (!isHost(hosts[0])) throw faulty('The Host field is not a host (RFC 9110 §7.2).');
}
