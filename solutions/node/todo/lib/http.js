/**
 * node:http on one side, handlers on the other: requests become `Asked`, `Answer`s become
 * responses.
 *
 * Framing, persistence and pipelining are node's. What it would answer by itself without a body is
 * answered here, as a problem document.
 */

import http from 'node:http';

import { Trouble } from './errors.js';
import { HEAD_MS, IDLE_MS, MAX_DROPPED, REQUEST_MS } from './limits.js';
import { answerTo } from './problems.js';

const OPTIONS = {
  headersTimeout: HEAD_MS,
  requestTimeout: REQUEST_MS,
  keepAliveTimeout: IDLE_MS,
  connectionsCheckingInterval: 5_000,
  requireHostHeader: false, // middleware.js asks for it
};

/** A to-do may change at any time, and is what its type says. */
const ALWAYS = { 'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff' };

/** Errors of node's parser that are not just a bad request. */
const CODES = { ERR_HTTP_REQUEST_TIMEOUT: 'slow', HPE_HEADER_OVERFLOW: 'long head' };

/** What a request says. */
export class Asked {
  #request;

  /** @param {http.IncomingMessage} request */
  constructor(request) {
    this.#request = request;
    this.method = request.method;
    this.version = request.httpVersion;
    // A proxy may send the absolute form (RFC 9112 §3.2.2).
    const target = request.url.replace(/^https?:\/\/[^/?]*/i, '') || '/';
    const mark = target.indexOf('?');
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.query = mark < 0 ? '' : target.slice(mark + 1);
  }

  /** @param {string} name  in small letters */
  field(name) {
    return this.#request.headers[name];
  }

  /**
   * @param {number} most  octets that are kept, whatever its length says
   * @returns {Promise<Buffer>}
   */
  body(most) {
    const request = this.#request;
    return new Promise((resolve, reject) => {
      const pieces = [];
      let size = 0;
      request.on('data', (piece) => {
        size += piece.length;
        if (size <= most) pieces.push(piece);
        // Whoever is still sending would not read the answer, so a little more is read and dropped.
        else if (size > MAX_DROPPED) reject(tooLarge(most, { Connection: 'close' }));
      });
      request.on('end', () => {
        if (size <= most) resolve(Buffer.concat(pieces));
        else reject(tooLarge(most));
      });
      request.on('error', () => reject(new Trouble('request', 'The body broke off.')));
    });
  }
}

function tooLarge(most, fields = {}) {
  return new Trouble('too large', `The body may have ${most} octets.`, { fields });
}

/**
 * @param {import('./middleware.js').Handler} handler  never rejects
 * @param {import('./drain.js').Drain} drain
 */
export function createServer(handler, drain) {
  const server = http.createServer(OPTIONS);
  const respond = async (request, response) => {
    const { socket } = request;
    drain.asked(socket, response);
    const answer = await handler(new Asked(request));
    send(response, answer, drain.isLast(socket) ? { Connection: 'close' } : {});
  };
  server.on('connection', (socket) => drain.opened(socket));
  server.on('request', respond);
  server.on('checkExpectation', respond);
  server.on('clientError', (error, socket) => {
    // An answer now would be taken for that of the request before.
    if (drain.owes(socket) || error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else refuse(error, socket);
  });
  return server;
}

function send(response, { status, fields, body }, more) {
  const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
  response.writeHead(status, { ...ALWAYS, ...fields, ...length, ...more });
  response.end(body); // node sends no body to HEAD
}

/** What is no HTTP has no request, and its answer no response: only a socket. */
function refuse(error, socket) {
  const kind = CODES[error.code] ?? 'request';
  const { status, fields, body } = answerTo(new Trouble(kind, 'The request cannot be read.'));
  const head = { ...fields, 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
}
