/** Choosing a content coding. RFC 9110 §12.5.3, weights §12.4.2. */

const CODING = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const WEIGHT = '0(?:\\.[0-9]{0,3})?|1(?:\\.0{0,3})?';
const ELEMENT = new RegExp(`^(${CODING})(?:[ \\t]*;[ \\t]*q=(${WEIGHT}))?$`, 'i');

/**
 * @param {import('./fields.js').Fields} fields
 * @param {boolean} worthwhile  would gzip save anything?
 * @returns {'gzip' | 'identity'}
 */
export function chooseCoding(fields, worthwhile) {
  const weights = readWeights(fields.list('accept-encoding'));
  const any = weights.get('*');
  const gzip = weights.get('gzip') ?? weights.get('x-gzip') ?? any ?? 0;
  const identity = weights.get('identity') ?? any;
  if (gzip === 0) return 'identity'; // also when that is unwanted: §12.4.1 allows it
  if (identity === undefined) return worthwhile ? 'gzip' : 'identity';
  if (identity === 0 || gzip > identity) return identity === 0 || worthwhile ? 'gzip' : 'identity';
  return gzip === identity && worthwhile ? 'gzip' : 'identity';
}

/** @returns {Map<string, number>}  what is not well formed counts as not said */
function readWeights(elements) {
  const weights = new Map();
  for (const element of elements) {
    const match = ELEMENT.exec(element);
    if (match) weights.set(match[1].toLowerCase(), Number(match[2] ?? 1));
  }
  return weights;
}
