/** The environment, read once and strictly. */

/**
 * @typedef {{host: string, port: number}} Address
 * @param {Record<string, string | undefined>} environment
 * @throws {Error}  a sentence that says what to set
 */
export function settingsOf(environment) {
  const port = number(environment, 'PORT', 0, 65_535);
  const store = address(environment, 'STORE');
  if (store === null) throw new Error('STORE must be HOST:PORT of the store; it is not set.');
  return {
    port,
    store,
    cache: address(environment, 'CACHE'),
    cacheMs: number(environment, 'CACHE_MS', 1, 3_600_000, 100),
    storeMs: number(environment, 'STORE_MS', 1, 3_600_000, 2_000),
    ttlMs: number(environment, 'TTL_MS', 1, 86_400_000, 60_000),
  };
}

function number(environment, name, least, most, otherwise) {
  const text = environment[name] || String(otherwise);
  const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new Error(`${name} must be a whole number from ${least} to ${most}, not "${text}".`);
}

/** @returns {Address | null} */
function address(environment, name) {
  const text = environment[name];
  if (!text) return null;
  const found = text.match(/^\[?([^\]]+?)\]?:([0-9]{1,5})$/);
  if (found && Number(found[2]) <= 65_535) return { host: found[1], port: Number(found[2]) };
  throw new Error(`${name} must be HOST:PORT, not "${text}".`);
}
