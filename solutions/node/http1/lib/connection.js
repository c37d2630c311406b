/**
 * One connection: requests in, answers out, strictly in turn. A pipelined request waits in
 * the buffers until the answer before it is written, so answers cannot change places
 * (RFC 9112 §9.3.2).
 *
 *   idle → head → answering → idle …        until somebody wants to close
 *                           → lingering → closed
 */

import { Body, bodyLength } from './body.js';
import { Gone, Refusal, TimedOut } from './errors.js';
import { Head, readHead } from './head.js';
import { Input } from './input.js';
import * as limits from './limits.js';
import { Output } from './output.js';
import { CONTINUE, text, writeResponse } from './response.js';
import { parseTarget } from './target.js';

/**
 * @typedef {object} Request
 * @property {string} method
 * @property {import('./target.js').Target} target
 * @property {import('./fields.js').Fields} fields
 * @property {Body} body
 * @property {AbortSignal} signal  the client is gone
 */

/** @typedef {(request: Request) => Promise<import('./response.js').Response>} Handler */

export class Connection {
  #socket;
  #input;
  #output;
  #handler;
  #gone = new AbortController();
  #phase = 'idle';
  #draining = false;

  /**
   * @param {import('node:net').Socket} socket
   * @param {Handler} handler
   */
  constructor(socket, handler) {
    this.#socket = socket;
    this.#handler = handler;
    this.#input = new Input(socket);
    this.#output = new Output(socket);
    socket.on('error', () => {}); // a reset, mostly; 'close' follows
    socket.on('close', () => this.#gone.abort());
  }

  /** Serve until the connection is closed. Never rejects. */
  async run() {
    try {
      while (await this.#exchange());
      await this.#close();
    } catch (error) {
      if (!(error instanceof Gone) && !this.#gone.signal.aborted) console.error(error);
    } finally {
      this.#socket.destroy();
    }
  }

  /** Finish what has begun, then close. */
  drain() {
    this.#draining = true;
    this.#input.hurry(limits.DRAIN_SILENCE_MS);
    setTimeout(() => this.#abandonIf('idle'), limits.DRAIN_GRACE_MS).unref();
    setTimeout(() => this.#abandonIf('head'), limits.DRAIN_HEAD_MS).unref();
  }

  #abandonIf(phase) {
    if (this.#phase === phase) this.#input.abandon();
  }

  /** One request and its answer. @returns {Promise<boolean>}  is the connection to go on? */
  async #exchange() {
    const head = new Head();
    let body = null;
    let response;
    this.#phase = 'idle';
    try {
      if (!(await readHead(this.#input, head, () => (this.#phase = 'head')))) return false;
      this.#phase = 'answering';
      body = this.#bodyOf(head);
      response = await this.#answer(head, body);
    } catch (error) {
      this.#phase = 'answering';
      response = this.#refusal(error);
    }
    return this.#send(head, body, response);
  }

  #bodyOf(head) {
    const waits = expectations(head).includes('100-continue');
    const sendContinue = waits ? () => this.#output.write(CONTINUE) : null;
    return new Body(this.#input, bodyLength(head), sendContinue);
  }

  #answer(head, body) {
    if (expectations(head).some((one) => one !== '100-continue')) {
      throw new Refusal(417, 'Of expectations only 100-continue is known (RFC 9110 §10.1.1).');
    }
    const target = parseTarget(head.method, head.target);
    const { method, fields } = head;
    return this.#handler({ method, target, fields, body, signal: this.#gone.signal });
  }

  #refusal(error) {
    if (this.#gone.signal.aborted) throw new Gone();
    if (error instanceof Refusal) {
      return { ...text(error.status, `${error.message}\n`, error.fields), close: error.close };
    }
    console.error(error);
    return { ...text(500, 'Something went wrong in the server.\n'), close: true };
  }

  async #send(head, body, response) {
    try {
      const droppable = body !== null && body.canBeDropped(limits.MAX_DROPPED_BODY);
      const keep = !response.close && droppable && head.persists && !this.#isLast(body);
      if (!(await writeResponse(this.#output, head, response, keep))) return false;
    } finally {
      await response.dispose?.();
    }
    return this.#dropRest(body);
  }

  /** While draining, a request that has already arrived is still answered. */
  #isLast(body) {
    return this.#draining && !(body.complete && this.#input.hasBytes);
  }

  async #dropRest(body) {
    try {
      return await body.drop(limits.MAX_DROPPED_BODY);
    } catch (error) {
      if (error instanceof Refusal) return false; // it has its answer already
      throw error;
    }
  }

  /**
   * RFC 9112 §9.6: send FIN, then read and drop what still comes, for a while. A socket closed
   * with bytes unread sends RST, and RST makes the client's kernel throw our answer away.
   */
  async #close() {
    this.#phase = 'lingering';
    this.#output.end();
    const until = performance.now() + (this.#draining ? 1_000 : limits.LINGER_MS);
    let left = limits.LINGER_BYTES;
    try {
      while (left > 0) {
        left -= this.#input.take(left)?.length ?? 0;
        const wait = Math.min(until - performance.now(), limits.LINGER_SILENCE_MS);
        if (wait <= 0 || !(await this.#input.more(wait))) break;
      }
    } catch (error) {
      if (!(error instanceof TimedOut)) throw error;
    }
    await this.#output.finished();
  }
}

/** HTTP/1.0 knows no expectations: they are ignored there. */
function expectations(head) {
  return head.minor === 0 ? [] : head.fields.list('expect').map((one) => one.toLowerCase());
}
