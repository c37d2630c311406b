/** One byte range. RFC 9110 §14. */

/**
 *   bytes=0-4   the first five        bytes=5-   from the sixth on      bytes=-5   the last five
 *
 * @param {string} text  the Range field
 * @param {number} size  of the representation
 * @returns {{start: number, end: number} | 'whole' | 'unsatisfiable'}  end is exclusive;
 *   'whole' where the field is to be ignored: another unit, no valid range, or several
 */
export function selectRange(text, size) {
  const set = /^bytes=(.*)$/i.exec(text);
  if (!set) return 'whole';
  const specs = set[1].split(',').map((spec) => spec.replace(/^[ \t]+|[ \t]+$/g, ''));
  const present = specs.filter(Boolean);
  if (present.length !== 1) return 'whole';
  const match = /^([0-9]*)-([0-9]*)$/.exec(present[0]);
  if (!match || (match[1] === '' && match[2] === '')) return 'whole';
  return match[1] === '' ? lastBytes(Number(match[2]), size) : fromTo(match[1], match[2], size);
}

/** More digits than a number holds exactly are far beyond any file, and compare so. */
function fromTo(first, last, size) {
  if (last !== '' && isBelow(last, first)) return 'whole'; // invalid: §14.1.1
  const start = Number(first);
  if (start >= size) return 'unsatisfiable';
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) };
}

function isBelow(a, b) {
  return BigInt(a) < BigInt(b);
}

function lastBytes(count, size) {
  if (count === 0) return 'unsatisfiable';
  if (size === 0) return 'whole'; // satisfiable, but Content-Range cannot say "no bytes"
  return { start: Math.max(size - count, 0), end: size };
}
