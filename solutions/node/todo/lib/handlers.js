/** HTTP on one side, the service on the other: each handler reads, calls one thing, and says it. */

import { draftIn, idempotencyIn, matchIn, searchIn, tagsIn } from './input.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };

/**
 * @param {import('./service.js').Service} service
 * @param {{body: string, policy: string}} page
 */
export function handlersOf(service, page) {
  const one = {
    GET: (asked, id) => read(service, asked, id),
    PUT: (asked, id) => change(service, asked, id),
    DELETE: (asked, id) => remove(service, asked, id),
  };
  const all = { GET: (asked) => list(service, asked), POST: (asked) => create(service, asked) };
  return [
    [/^\/$/, { GET: async () => shown(page) }],
    [/^\/health$/, { GET: () => health(service) }],
    [/^\/todos$/, all],
    [/^\/todos\/([^/]+)$/, one],
  ];
}

function shown({ body, policy }) {
  const fields = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy };
  return { status: 200, fields, body };
}

async function health(service) {
  await service.healthy();
  return { status: 200, fields: JSON_TYPE, body: '{"status":"ok"}' };
}

async function create(service, asked) {
  const once = idempotencyIn(asked);
  const { draft, octets } = await draftIn(asked, ['title']);
  const record = await service.create(draft, once && { key: once, body: octets });
  return said(201, record, { Location: `/todos/${record.id}` });
}

async function list(service, asked) {
  const search = searchIn(asked.query);
  const { records, next } = await service.list(search);
  const target = next === null ? null : `/todos?${search.onwards(next)}`;
  const todos = records.map((record) => record.json).join(',');
  const body = `{"todos":[${todos}],"next":${JSON.stringify(target)}}`;
  return { status: 200, fields: JSON_TYPE, body };
}

async function read(service, asked, id) {
  const record = await service.read(id);
  const tags = tagsIn(asked.field('if-none-match'), { weak: true });
  if (tags?.has(record.tag)) return { status: 304, fields: { ETag: record.tag } };
  return said(200, record);
}

async function change(service, asked, id) {
  const tags = matchIn(asked, { needed: true });
  const { draft } = await draftIn(asked, ['title', 'done']);
  const record = await service.change(id, draft, tags);
  // Without its tag, which would say that what is kept is what was sent (RFC 9110 §9.3.4).
  return { status: 200, fields: JSON_TYPE, body: record.json };
}

async function remove(service, asked, id) {
  await service.remove(id, matchIn(asked, { needed: false }));
  return { status: 204, fields: {} };
}

function said(status, record, fields = {}) {
  return { status, fields: { ...JSON_TYPE, ETag: record.tag, ...fields }, body: record.json };
}
