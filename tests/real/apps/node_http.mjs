// The contract of http1 on Node's own `http` module: framing, limits, timeouts, keep-alive,
// pipelining and 100 (Continue) are Node's; paths, files, conditions and ranges, which it does not
// have, are the small code below.
//
//   PORT=8080 DATA_DIR=/tmp/files node node_http.mjs
//
// Left out: everything that Node decides by itself. Where it decides otherwise than the
// specification, docs/KNOWN_DIFFERENCES.md says so.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip } from 'node:zlib';

const FILES = fs.realpathSync(process.env.DATA_DIR);
const LONGEST_ECHO = 32 << 20;
const LONGEST_BODY = 2 ** 30;
const LONGEST_TARGET = 16 << 10;

class Refused extends Error {
  constructor(status, fields = {}) {
    super(http.STATUS_CODES[status]);
    this.status = status;
    this.fields = fields;
  }
}

// Path → its methods. HEAD is GET; Node leaves the content out.
function resource(segments) {
  const [first, ...rest] = segments;
  if (rest.length === 0) {
    if (first === '') return { GET: home };
    if (first === 'echo') return { POST: echo };
    if (first === 'headers') return { GET: headers };
    if (first === 'slow') return { GET: slow };
    if (first === 'chunks') return { GET: chunks };
  }
  if (rest.length === 1 && first === 'echo' && rest[0]) return { GET: word };
  if (rest.length === 1 && first === 'files') return { GET: read, PUT: write, DELETE: remove };
  throw new Refused(404);
}

async function answer(req, res) {
  if (req.url.length > LONGEST_TARGET) throw new Refused(414);
  if (req.method === 'OPTIONS' && req.url === '*') return reply(req, res, 204);
  // Node hands on the target as it came: an absolute form is the application's to take apart.
  const [raw, query] = req.url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 2);
  const segments = (raw || '/').slice(1).split('/').map(decoded);
  const methods = resource(segments);
  const method = req.method === 'HEAD' ? 'GET' : req.method;
  if (!Object.hasOwn(methods, method)) {
    const allowed = Object.keys(methods).flatMap((m) => (m === 'GET' ? ['GET', 'HEAD'] : [m]));
    throw new Refused(405, { Allow: allowed.join(', ') });
  }
  if (Number(req.headers['content-length']) > LONGEST_BODY) throw new Refused(413);
  await methods[method](req, res, segments.at(-1), new URLSearchParams(query));
}

function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Refused(400);
  }
}

function reply(req, res, status, content = '', fields = {}) {
  const body = Buffer.from(content);
  const length = status === 204 || status === 304 ? {} : { 'Content-Length': body.length };
  res.writeHead(status, { ...length, ...fields });
  res.end(body);
}

const home = (req, res) => reply(req, res, 200, 'It answers.\n');
const word = (req, res, name) => reply(req, res, 200, name, { 'Content-Type': 'text/plain' });

async function echo(req, res) {
  const parts = [];
  let size = 0;
  for await (const part of req) {
    parts.push(part);
    if ((size += part.length) > LONGEST_ECHO) throw new Refused(413);
  }
  const type = req.headers['content-type'];
  reply(req, res, 200, Buffer.concat(parts), type === undefined ? {} : { 'Content-Type': type });
}

function headers(req, res) {
  let text = '';
  for (let at = 0; at < req.rawHeaders.length; at += 2) {
    text += `${req.rawHeaders[at].toLowerCase()}: ${req.rawHeaders[at + 1]}\n`;
  }
  reply(req, res, 200, Buffer.from(text, 'latin1'), { 'Content-Type': 'text/plain' });
}

function number(query, name) {
  const text = query.get(name) ?? '';
  if (!/^[0-9]{1,5}$/.test(text) || Number(text) > 10000) throw new Refused(400);
  return Number(text);
}

async function slow(req, res, _, query) {
  await sleep(number(query, 'ms'));
  reply(req, res, 200, 'waited\n');
}

async function chunks(req, res, _, query) {
  const count = number(query, 'n');
  res.writeHead(200, { 'Content-Type': 'text/plain' });
  for (let at = 0; at < count && !res.destroyed; at++) {
    if (!res.write(`chunk ${at}\n`)) await Promise.race([once(res, 'drain'), once(res, 'close')]);
  }
  res.end();
}

// Files.

function place(name) {
  if (['', '.', '..'].includes(name) || /[/\0]/.test(name)) throw new Refused(400);
  const full = path.join(FILES, name);
  const link = fs.lstatSync(full, { throwIfNoEntry: false })?.isSymbolicLink();
  if (link && path.dirname(resolved(full)) !== FILES) throw new Refused(403);
  return full;
}

function resolved(full) {
  try {
    return fs.realpathSync(full);
  } catch {
    throw new Refused(403); // a link that leads nowhere
  }
}

function stat(full) {
  try {
    const found = fs.statSync(full, { bigint: true });
    return found.isFile() ? found : undefined;
  } catch (problem) {
    if (['ENOENT', 'ENAMETOOLONG'].includes(problem.code)) return undefined;
    throw problem;
  }
}

const tagOf = (found, coding = '') =>
  `"${found.ino.toString(36)}-${found.mtimeNs.toString(36)}-${found.size.toString(36)}${coding}"`;

async function read(req, res, name) {
  const full = place(name);
  const found = stat(full);
  if (found === undefined) throw new Refused(404);
  const size = Number(found.size);
  const compressed = size >= 1024 && !req.headers.range && takesGzip(req);
  const fields = { ETag: tagOf(found, compressed ? '-gzip' : ''), Vary: 'Accept-Encoding' };
  const refused = condition(req, [tagOf(found), tagOf(found, '-gzip')], fields.ETag);
  if (refused === 304) return reply(req, res, 304, '', fields);
  if (refused) throw new Refused(refused, fields);
  fields['Content-Type'] = 'application/octet-stream';
  if (compressed) {
    res.writeHead(200, { ...fields, 'Content-Encoding': 'gzip' });
    if (req.method === 'HEAD') return res.end();
    return pipeline(fs.createReadStream(full), createGzip(), res);
  }
  const range = req.method === 'GET' ? rangeOf(req, size, fields.ETag) : null;
  if (range === 'none') throw new Refused(416, { ...fields, 'Content-Range': `bytes */${size}` });
  const [start, end] = range ?? [0, size - 1];
  fields['Content-Length'] = end - start + 1;
  if (range) fields['Content-Range'] = `bytes ${start}-${end}/${size}`;
  res.writeHead(range ? 206 : 200, { ...fields, 'Accept-Ranges': 'bytes' });
  if (req.method === 'HEAD' || size === 0) return res.end();
  return pipeline(fs.createReadStream(full, { start, end }), res);
}

async function write(req, res, name) {
  const full = place(name);
  const upload = path.join(path.dirname(FILES), `upload-${randomUUID()}`);
  try {
    await pipeline(req, fs.createWriteStream(upload));
    const known = stat(full);
    guard(req, known);
    fs.renameSync(upload, full); // checked and done in one turn of the loop: nobody is in between
    reply(req, res, known ? 204 : 201, '', { ETag: tagOf(stat(full)) });
  } finally {
    fs.rmSync(upload, { force: true });
  }
}

async function remove(req, res, name) {
  const full = place(name);
  const found = stat(full);
  if (found === undefined) throw new Refused(404);
  guard(req, found);
  fs.unlinkSync(full);
  reply(req, res, 204);
}

function guard(req, found) {
  const tags = found === undefined ? [] : [tagOf(found), tagOf(found, '-gzip')];
  const refused = condition(req, tags, null);
  if (refused) throw new Refused(refused);
}

// 0, 304 or 412, in the order of RFC 9110 §13.2.2. `sent`: the tag a read would be answered with.
function condition(req, tags, sent) {
  const match = req.headers['if-match'];
  if (match !== undefined) {
    const holds = match.trim() === '*' ? tags.length > 0 : listed(match).some((t) => tags.includes(t));
    if (!holds) return 412;
  }
  const none = req.headers['if-none-match'];
  if (none !== undefined) {
    const against = sent === null ? tags : [sent];
    const weakly = listed(none).map((tag) => tag.replace(/^W\//, ''));
    const found = none.trim() === '*' ? tags.length > 0 : weakly.some((t) => against.includes(t));
    if (found) return sent === null ? 412 : 304;
  }
  return 0;
}

const listed = (text) => text.match(/(W\/)?"[^"]*"/g) ?? [];

function rangeOf(req, size, tag) {
  const condition = req.headers['if-range'];
  const match = /^bytes=\s*([0-9]*)-([0-9]*)\s*$/i.exec(req.headers.range ?? '');
  if (!match || (condition !== undefined && condition !== tag)) return null;
  const [, from, to] = match;
  if (from === '' && to === '') return null;
  if (from === '') return Number(to) === 0 || size === 0 ? 'none' : [Math.max(0, size - Number(to)), size - 1];
  if (to !== '' && Number(to) < Number(from)) return null;
  if (Number(from) >= size) return 'none';
  return [Number(from), to === '' ? size - 1 : Math.min(Number(to), size - 1)];
}

function takesGzip(req) {
  const weights = new Map();
  for (const item of (req.headers['accept-encoding'] ?? '').toLowerCase().split(',')) {
    const [coding, weight = 'q=1'] = item.split(';').map((part) => part.trim());
    weights.set(coding, Number(weight.replace(/^q=/, '')));
  }
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0;
}

const server = http.createServer(
  { maxHeaderSize: 100 << 10, headersTimeout: 5000, requestTimeout: 0, connectionsCheckingInterval: 250 },
  (req, res) => {
    answer(req, res).catch((problem) => {
      if (res.headersSent || res.destroyed) return res.destroy();
      const status = problem instanceof Refused ? problem.status : 500;
      if (status === 500) console.error(problem);
      // What is left of the body is not read, so nothing can follow on this connection.
      if (!req.complete) res.shouldKeepAlive = false;
      reply(req, res, status, `${http.STATUS_CODES[status]}\n`, problem.fields);
    });
  },
);
// By default Node sends 100 (Continue) before the handler can refuse.
server.on('checkContinue', (req, res) => {
  if (Number(req.headers['content-length']) <= LONGEST_BODY || !req.headers['content-length']) {
    res.writeContinue();
  }
  server.emit('request', req, res);
});
// As Node's documentation has it: without a listener, a malformed request behind an answered one is
// dropped and gets no answer.
const STATUS = { HPE_HEADER_OVERFLOW: '431', ERR_HTTP_REQUEST_TIMEOUT: '408' };
server.on('clientError', (problem, socket) => {
  // HPE_CLOSED_CONNECTION is data behind a request that said close; that one is still answered.
  if (['ECONNRESET', 'HPE_CLOSED_CONNECTION'].includes(problem.code) || !socket.writable) return;
  const status = STATUS[problem.code] ?? '400';
  const phrase = http.STATUS_CODES[status];
  socket.end(`HTTP/1.1 ${status} ${phrase}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.once('SIGTERM', () => {
  server.close();
  // What is idle, now and after the answers under way. Node 18 leaves that to us altogether.
  server.closeIdleConnections();
  setInterval(() => server.closeIdleConnections(), 50).unref();
});
