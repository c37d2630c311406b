/**
 * Request targets. RFC 9112 §3.2, RFC 3986.
 *
 *   /echo/a%2Fb?x=1            origin-form     segments "echo", "a/b"
 *   http://host/echo/a         absolute-form   the same, from the authority on
 *   *                          asterisk-form   OPTIONS only
 *
 * The path is split first and decoded after: %2F is data, not a separator. Decoded bytes
 * stay bytes, one character each; nothing here believes that they are UTF-8.
 */

import { Refusal } from './errors.js';

const UNRESERVED_OR_SUB = "[A-Za-z0-9\\-._~!$&'()*+,;=]";
const ENCODED = '%[0-9A-Fa-f]{2}';
const REG_NAME = `(?:${UNRESERVED_OR_SUB}|${ENCODED})`;
const IP_FUTURE = `[vV][0-9A-Fa-f]+\\.(?:${UNRESERVED_OR_SUB}|:)+`;
const IP_LITERAL = `\\[(?:[0-9A-Fa-f:.]{2,45}|${IP_FUTURE})\\]`;

const HOST = new RegExp(`^(?:${IP_LITERAL}|${REG_NAME}*)(?::[0-9]*)?$`);
const PATH = new RegExp(`^(?:${UNRESERVED_OR_SUB}|[:@/]|${ENCODED})*$`);
const QUERY = new RegExp(`^(?:${UNRESERVED_OR_SUB}|[:@/?]|${ENCODED})*$`);
const ABSOLUTE = /^([A-Za-z][A-Za-z0-9+.\-]*):\/\/([^/?#]*)([^]*)$/;

/** @param {string} text  a Host field or an authority: uri-host [ ":" port ] */
export function isHost(text) {
  return HOST.test(text);
}

/**
 * @typedef {object} Target
 * @property {boolean} asterisk  the server as a whole
 * @property {string[]} segments  of the path, decoded, one character a byte
 * @property {URLSearchParams} query
 */

/**
 * @param {string} method
 * @param {string} text
 * @returns {Target}
 */
export function parseTarget(method, text) {
  if (method === 'CONNECT') throw new Refusal(501, 'This server opens no tunnels.');
  if (text === '*') return asterisk(method);
  if (text.startsWith('/')) return parsePath(text);
  const [, scheme, authority, rest] = ABSOLUTE.exec(text) ?? [];
  if (scheme === undefined) throw new Refusal(400, 'The target is neither a path nor a URI.');
  checkOrigin(scheme.toLowerCase(), authority);
  if (rest === '' && method === 'OPTIONS') return asterisk(method); // RFC 9112 §3.2.4
  return parsePath(rest.startsWith('/') ? rest : `/${rest}`);
}

function asterisk(method) {
  if (method !== 'OPTIONS') throw new Refusal(400, 'Only OPTIONS may be asked of "*".');
  return { asterisk: true, segments: [], query: new URLSearchParams() };
}

function checkOrigin(scheme, authority) {
  if (scheme === 'https') throw new Refusal(421, 'An https resource is not served without TLS.');
  if (scheme !== 'http') throw new Refusal(400, 'The target is not an http URI.');
  if (!isHost(authority) || /^(:|$)/.test(authority)) {
    throw new Refusal(400, 'The target has no valid host (RFC 9110 §4.2.1).');
  }
}

function parsePath(text) {
  const mark = text.indexOf('?');
  const path = mark === -1 ? text : text.slice(0, mark);
  const query = mark === -1 ? '' : text.slice(mark + 1);
  if (!PATH.test(path) || !QUERY.test(query)) {
    throw new Refusal(400, 'The target holds a character or a %-encoding that is not allowed.');
  }
  const segments = path.slice(1).split('/').map(percentDecode);
  return { asterisk: false, segments, query: new URLSearchParams(query) };
}

function percentDecode(text) {
  return text.replace(/%(..)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}
