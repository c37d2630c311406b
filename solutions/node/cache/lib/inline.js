/**
 * An inline command: words between spaces, for whoever types with a terminal.
 *
 *   SET greeting "hello\r\nworld"     in double quotes \n \r \t \b \a \\ \" \xHH mean an octet
 *   SET greeting 'it\'s here'         in single quotes only \' does
 */

import { ProtocolError } from './errors.js';

const ESCAPES = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };
/** A double quoted part, a single quoted part, or some octets that are neither quote nor space. */
const PART = /"((?:[^"\\]|\\[^])*)"|'((?:\\'|[^'\\]|\\(?!'))*)'|([^"' \t\n\v\f\r\0]+)/y;
const SPACE = /[ \t\n\v\f\r\0]*/y;

/**
 * @param {string} line
 * @returns {string[]}
 * @throws {ProtocolError}  a quote is not closed, or something stands right behind its end
 */
export function splitInline(line) {
  const words = [];
  let at = pass(SPACE, line, 0);
  while (at < line.length) {
    let word = '';
    let quoted = false;
    for (;;) {
      PART.lastIndex = at;
      const part = quoted ? null : PART.exec(line);
      if (part === null) break;
      at = PART.lastIndex;
      quoted = part[3] === undefined;
      word += part[3] ?? (part[1] === undefined ? single(part[2]) : double(part[1]));
    }
    const next = pass(SPACE, line, at);
    if (next === at && at < line.length) throw new ProtocolError('unbalanced quotes in request');
    words.push(word);
    at = next;
  }
  return words;
}

function pass(pattern, line, at) {
  pattern.lastIndex = at;
  pattern.test(line);
  return pattern.lastIndex;
}

function double(text) {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|([^]))/g, (_, hex, octet) =>
    hex === undefined ? (ESCAPES[octet] ?? octet) : String.fromCharCode(parseInt(hex, 16)),
  );
}

function single(text) {
  return text.replaceAll("\\'", "'");
}
