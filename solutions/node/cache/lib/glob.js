/**
 * Patterns of KEYS, SCAN, PSUBSCRIBE and CONFIG GET.
 *
 *   h?llo      any octet            h[ae]llo    one of these       h\*llo    an octet as it is
 *   h*llo      any octets           h[^a-c]llo  none of these
 *
 * A regular expression would go back and try again at every star, and a pattern of many stars
 * would stop the server. Here only the last star is tried again: at worst the product of the two
 * lengths.
 */

const STAR = Symbol('*');

/**
 * @param {string} pattern
 * @returns {(text: string) => boolean}
 */
export function glob(pattern) {
  const parts = parse(pattern);
  return (text) => matches(parts, text);
}

function matches(parts, text) {
  let part = 0;
  let star = -1;
  let starAt = 0;
  for (let at = 0; at < text.length; ) {
    if (parts[part] === STAR) {
      star = part++;
      starAt = at;
    } else if (part < parts.length && parts[part](text.charCodeAt(at))) {
      part++;
      at++;
    } else if (star >= 0) {
      part = star + 1; // the star takes one octet more
      at = ++starAt;
    } else return false;
  }
  while (parts[part] === STAR) part++;
  return part === parts.length;
}

/** @returns {(typeof STAR | ((octet: number) => boolean))[]} */
function parse(pattern) {
  const parts = [];
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern[at];
    if (letter === '*') {
      if (parts.at(-1) !== STAR) parts.push(STAR);
    } else if (letter === '?') parts.push(() => true);
    else if (letter === '[') {
      const end = endOfClass(pattern, at + 1);
      parts.push(classOf(pattern.slice(at + 1, end)));
      at = end;
    } else {
      if (letter === '\\' && at + 1 < pattern.length) at++;
      const wanted = pattern.charCodeAt(at);
      parts.push((octet) => octet === wanted);
    }
  }
  return parts;
}

/** Where the bracket closes; the end of the pattern closes it too. */
function endOfClass(pattern, at) {
  while (at < pattern.length && pattern[at] !== ']') at += pattern[at] === '\\' ? 2 : 1;
  return Math.min(at, pattern.length);
}

function classOf(text) {
  const negated = text[0] === '^';
  const octets = new Set();
  const letters = [...(negated ? text.slice(1) : text).matchAll(/\\([^])|([^])-([^])|([^])/g)];
  for (const [, escaped, first, last, single] of letters) {
    if (first === undefined) octets.add((escaped ?? single).charCodeAt(0));
    else for (const octet of range(first.charCodeAt(0), last.charCodeAt(0))) octets.add(octet);
  }
  return (octet) => octets.has(octet) !== negated;
}

function* range(a, b) {
  for (let octet = Math.min(a, b); octet <= Math.max(a, b); octet++) yield octet;
}
