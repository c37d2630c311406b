/** Writing an answer, and framing its body. RFC 9112 §6, RFC 9110 §6.6.1 and §8.6. */

import { formatDate } from './dates.js';

/**
 * @typedef {object} Response
 * @property {number} status
 * @property {[string, string][]} [fields]
 * @property {Buffer | string | AsyncIterable<Buffer> | Iterable<Buffer>} [body]
 * @property {number} [length]  of a body that is an iterable, where it is known
 * @property {() => Promise<void>} [dispose]  called when the answer is out, or cannot go out
 */

const REASONS = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  206: 'Partial Content',
  304: 'Not Modified',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  417: 'Expectation Failed',
  421: 'Misdirected Request',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  505: 'HTTP Version Not Supported',
};

export const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/** @returns {Response} */
export function text(status, body, fields = []) {
  return { status, fields: [['Content-Type', 'text/plain'], ...fields], body };
}

/**
 * @param {import('./output.js').Output} output
 * @param {import('./head.js').Head} head  of the request
 * @param {Response} response
 * @param {boolean} keep  may the connection stay open?
 * @returns {Promise<boolean>}  does it?
 */
export async function writeResponse(output, head, response, keep) {
  const { status, fields = [] } = response;
  const body = typeof response.body === 'string' ? Buffer.from(response.body) : response.body;
  const length = Buffer.isBuffer(body) ? body.length : body === undefined ? 0 : response.length;
  const framing = frame(status, length, head.minor);
  const stays = keep && framing.kind !== 'until close';

  const lines = [`HTTP/1.1 ${status} ${REASONS[status]}`, `Date: ${formatDate(Date.now() / 1000)}`];
  for (const [name, value] of [...fields, ...framing.fields]) lines.push(`${name}: ${value}`);
  if (!stays) lines.push('Connection: close');
  else if (head.minor === 0) lines.push('Connection: keep-alive');
  await output.write(`${lines.join('\r\n')}\r\n\r\n`);

  if (head.method !== 'HEAD' && framing.kind !== 'none' && body !== undefined) {
    await writeBody(output, Buffer.isBuffer(body) ? [body] : body, framing.kind, length);
  }
  return stays;
}

function frame(status, length, minor) {
  if (status === 204 || status === 304) return { kind: 'none', fields: [] };
  if (length !== undefined) return { kind: 'length', fields: [['Content-Length', `${length}`]] };
  if (minor === 0) return { kind: 'until close', fields: [] };
  return { kind: 'chunked', fields: [['Transfer-Encoding', 'chunked']] };
}

async function writeBody(output, pieces, framing, length) {
  let written = 0;
  for await (const piece of pieces) {
    if (piece.length === 0) continue; // an empty chunk would be the last
    written += piece.length;
    if (framing === 'chunked') await writeChunk(output, piece);
    else await output.write(piece);
  }
  if (framing === 'chunked') await output.write('0\r\n\r\n');
  if (framing === 'length' && written !== length) {
    throw new Error('the body is not as long as its Content-Length');
  }
}

async function writeChunk(output, piece) {
  const size = `${piece.length.toString(16)}\r\n`;
  // Small chunks go out as one buffer, so that a thousand of them are not three thousand writes.
  if (piece.length <= 1024) return output.write(`${size}${piece.latin1Slice()}\r\n`);
  await output.write(size);
  await output.write(piece);
  await output.write('\r\n');
}
