/** The resources: which path means what, and the small handlers. */

import { setTimeout as sleep } from 'node:timers/promises';

import { Refusal } from './errors.js';
import { fileHandlers } from './files.js';
import { MAX_BODY_IN_MEMORY, MAX_ECHO_BODY } from './limits.js';
import { text } from './response.js';
import { spool } from './spool.js';

const SERVED = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'];
/** Methods that RFC 9110 and RFC 5789 define: known, even where they are not allowed. */
const METHODS = [...SERVED, 'TRACE', 'PATCH'];
const MAX_SLOW_MS = 10_000;
const MAX_CHUNKS = 10_000;

/**
 * @param {import('./store.js').FileStore | null} store
 * @returns {import('./connection.js').Handler}
 */
export function createApp(store) {
  const files = store === null ? null : fileHandlers(store);
  return async (request) => {
    if (!METHODS.includes(request.method)) throw new Refusal(501, 'The method is not known.');
    if (request.target.asterisk) return { status: 204, fields: [['Allow', SERVED.join(', ')]] };
    const [handlers, argument] = route(request.target.segments, files);
    // HEAD is GET whose body is not sent; leaving it out is the writer's business.
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    if (!Object.hasOwn(handlers, method)) {
      const allow = ['Allow', allowed(handlers)];
      throw new Refusal(405, 'The method is not allowed here.', { fields: [allow] });
    }
    return handlers[method](request, argument);
  };
}

/** @returns {[handlers: object, argument?: string]} */
function route(segments, files) {
  const [first, second] = segments;
  if (segments.length === 1 && Object.hasOwn(PLAIN, first)) return [PLAIN[first]];
  if (segments.length === 2) {
    if (first === 'echo' && second !== '') return [WORD, second];
    if (first === 'files' && files !== null) return [files, second];
  }
  throw new Refusal(404, 'There is nothing here.');
}

const WORD = { GET: echoWord };

const PLAIN = {
  '': { GET: async () => text(200, 'hello\n') },
  echo: { POST: echoBody },
  headers: { GET: listHeaders },
  slow: { GET: answerLate },
  chunks: { GET: sendChunks },
};

function allowed(handlers) {
  return Object.keys(handlers)
    .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method))
    .join(', ');
}

async function echoWord(_request, word) {
  return text(200, Buffer.from(word, 'latin1'));
}

async function echoBody({ fields, body }) {
  body.limit(MAX_ECHO_BODY);
  const type = fields.all('content-type').at(-1);
  return {
    status: 200,
    fields: type === undefined ? [] : [['Content-Type', type]],
    ...(await spool(body, MAX_BODY_IN_MEMORY)),
  };
}

async function listHeaders({ fields }) {
  const lines = Array.from(fields, ([name, value]) => `${name}: ${value}\n`);
  return text(200, Buffer.from(lines.join(''), 'latin1'));
}

async function answerLate({ target, signal }) {
  const ms = wholeNumber(target.query, 'ms', MAX_SLOW_MS);
  await sleep(ms, undefined, { signal });
  return text(200, `after ${ms} ms\n`);
}

async function sendChunks({ target }) {
  return { ...text(200), body: chunks(wholeNumber(target.query, 'n', MAX_CHUNKS)) };
}

function* chunks(count) {
  for (let i = 0; i < count; i++) yield Buffer.from(`chunk ${i}\n`);
}

function wholeNumber(query, name, most) {
  const digits = query.get(name) ?? '';
  if (!/^[0-9]{1,9}$/.test(digits) || Number(digits) > most) {
    throw new Refusal(400, `The query must hold ${name}, a whole number up to ${most}.`);
  }
  return Number(digits);
}
