/* What the sessions of both Node.js libraries share: how a result becomes a line.
 *
 *     say("ping", "PONG")          ping "PONG"
 *
 * What another server would answer otherwise for a good reason (ids, versions, an order that is none) is
 * left out or sorted, so that the lines from two servers are the same. A warning of Node.js goes to
 * standard error, where the test wants nothing.
 */

export function shown(value) {
  if (Buffer.isBuffer(value)) return value.toString("latin1");
  if (value instanceof Error) return `${value.name} ${value.message.split(" ")[0]}`;
  if (value instanceof Set) return [...value].map(shown).sort();
  if (value instanceof Map) return shown(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).sort().map(([k, v]) => [k, shown(v)]));
  }
  return value;
}

export function say(name, ...values) {
  console.log(name, JSON.stringify(values.map(shown)));
}

/** Results of promises, in order; what was refused as its error. */
export async function all(...promises) {
  const settled = await Promise.allSettled(promises);
  return settled.map((each) => (each.status === "fulfilled" ? each.value : each.reason));
}

/** Resolves when `list` has `count` items; `poke` is called by whoever adds one. */
export function gathering(count) {
  const list = [];
  let full;
  const whole = new Promise((resolve) => (full = resolve));
  return { whole, list, add: (item) => list.push(item) === count && full(list) };
}
