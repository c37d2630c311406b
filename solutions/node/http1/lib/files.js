/** /files/{name}: GET, HEAD, PUT, DELETE. RFC 9110 §8, §9.3, §13, §14. */

import path from 'node:path';
import { Readable, pipeline } from 'node:stream';
import { createGzip } from 'node:zlib';

import { chooseCoding } from './codings.js';
import { isConditional, precondition, rangeIsCurrent } from './conditions.js';
import { formatDate } from './dates.js';
import { Refusal } from './errors.js';
import { selectRange } from './ranges.js';
import { text } from './response.js';

/** Smaller files gain nothing. */
const GZIP_FROM = 1024;

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
};

/** @param {import('./store.js').FileStore} store */
export function fileHandlers(store) {
  return {
    GET: (request, name) => read(store, request, name),
    PUT: (request, name) => replace(store, request, name),
    DELETE: (request, name) => remove(store, request, name),
  };
}

async function read(store, request, name) {
  const file = await store.get(name);
  if (file === null) throw new Refusal(404, 'There is no such file.');
  try {
    return { ...(await represent(request, name, file)), dispose: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Select the representation first, then evaluate conditions on it, then the range. */
async function represent({ method, fields }, name, file) {
  // Only GET knows ranges (§14.2), and we offer them of the file as it is, not of its gzip.
  const range = method === 'GET' ? fields.get('range') : undefined;
  const worthwhile = file.size >= GZIP_FROM && range === undefined;
  const coding = chooseCoding(fields, worthwhile);
  const tag = tagOf(await file.tag(), coding);
  const common = [
    ['ETag', tag],
    ['Last-Modified', formatDate(file.modified)],
    ['Vary', 'Accept-Encoding'],
  ];

  const failed = precondition(method, fields, { tags: [tag], modified: file.modified });
  if (failed === 304) return { status: 304, fields: common };
  if (failed === 412) return text(412, 'The file is not as expected.\n', [['ETag', tag]]);

  const typed = [...common, ['Content-Type', typeOf(name)]];
  if (coding === 'gzip') {
    const body = gzipped(file.read(0, file.size));
    return { status: 200, fields: [...typed, ['Content-Encoding', 'gzip']], body };
  }
  const asked = range !== undefined && rangeIsCurrent(fields.get('if-range'), tag);
  return sendRange(file, asked ? selectRange(range, file.size) : 'whole', [
    ...typed,
    ['Accept-Ranges', 'bytes'],
  ]);
}

function sendRange(file, range, fields) {
  if (range === 'unsatisfiable') {
    return text(416, 'The range lies outside of the file.\n', [
      ['Content-Range', `bytes */${file.size}`],
      ['Vary', 'Accept-Encoding'],
    ]);
  }
  if (range === 'whole') {
    return { status: 200, fields, body: file.read(0, file.size), length: file.size };
  }
  const { start, end } = range;
  const contentRange = ['Content-Range', `bytes ${start}-${end - 1}/${file.size}`];
  const body = file.read(start, end);
  return { status: 206, fields: [...fields, contentRange], body, length: end - start };
}

async function replace(store, { method, fields, body }, name) {
  if (fields.has('content-range')) {
    throw new Refusal(400, 'A part of a file cannot be put (RFC 9110 §14.5).');
  }
  if (fields.list('content-encoding').some((coding) => coding.toLowerCase() !== 'identity')) {
    throw new Refusal(415, 'Files are kept as they are, without a content coding.', {
      fields: [['Accept-Encoding', 'identity']],
    });
  }
  const { created, tag } = await store.put(name, body, guard(method, fields));
  return { status: created ? 201 : 204, fields: [['ETag', tagOf(tag, 'identity')]] };
}

async function remove(store, { method, fields }, name) {
  const existed = await store.delete(name, guard(method, fields));
  if (!existed) throw new Refusal(404, 'There is no such file.');
  return { status: 204 };
}

/**
 * The guard against lost updates. A client that read the file as gzip knows it by the tag of
 * the gzip: either tag names this version.
 *
 * @returns {import('./store.js').Check}
 */
function guard(method, fields) {
  return async (file) => {
    if (!isConditional(fields)) return;
    const current = file && { tags: await allTags(file), modified: file.modified };
    if (precondition(method, fields, current) !== null) {
      throw new Refusal(412, 'The file is not as expected.');
    }
  };
}

async function allTags(file) {
  const tag = await file.tag();
  return [tagOf(tag, 'identity'), tagOf(tag, 'gzip')];
}

/** Strong tags differ where bytes differ, so gzip has its own (§8.8.3.3). */
function tagOf(tag, coding) {
  return coding === 'gzip' ? `"${tag}-gzip"` : `"${tag}"`;
}

function typeOf(name) {
  return TYPES[path.extname(name).toLowerCase()] ?? 'application/octet-stream';
}

/** Lazy: nothing is compressed for HEAD. */
async function* gzipped(source) {
  const gzip = createGzip();
  pipeline(Readable.from(source), gzip, () => {}); // an error reaches whoever reads
  yield* gzip;
}
