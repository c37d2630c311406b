// Figures in words, short enough for a drawing. A figure and its unit stay on one line.

const FIXED = "\u00a0";

export const rate = (n: number) => (n >= 9950 ? `${(n / 1000).toFixed(0)}k` : n >= 995 ? `${(n / 1000).toFixed(1)}k` : n >= 10 ? n.toFixed(0) : n.toFixed(1).replace(/\.0$/, ""));

export function ms(n: number | null | undefined): string {
  if (n == null) return "–";
  const [figure, unit] = n >= 1000 ? [(n / 1000).toFixed(2), "s"] : n >= 1 ? [n.toFixed(n >= 100 ? 0 : n >= 10 ? 1 : 2), "ms"] : [(n * 1000).toFixed(0), "µs"];
  return figure + FIXED + unit;
}

export function octets(n: number): string {
  for (const [size, unit] of [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]] as const) if (n >= size) return (n / size).toFixed(1) + FIXED + unit;
  return n + FIXED + "B";
}

/** A part by its title; where several stand in a slot, with its number. */
export const called = (part: { name: string; slot: string; title: string }) => (part.name === part.slot ? part.title : `${part.title} ${part.name.split("-").pop()}`);

/** Since the machine was started: 2:25.881 */
export const clock = (seconds: number) => {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(3).padStart(6, "0")}`;
};

export const count = (n: number, one: string, many = `${one}s`) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

const LATELY = 20 * 3600;

/** A moment of this world, seconds since 1970: 14:40:31, or 20 Nov 2026, 14:40 */
export function when(seconds: number): string {
  const date = new Date(1000 * seconds);
  const time = date.toLocaleTimeString("en-GB");
  if (Date.now() / 1000 - seconds < LATELY) return time;
  return `${date.toLocaleDateString("en-GB", { dateStyle: "medium" })}, ${time.slice(0, 5)}`;
}
