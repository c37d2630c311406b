// Where the topics are drawn: lanes by group, columns by how much lies below a topic. Lines run like
// those of a plan, along the gaps; what follows from other lines is not drawn.

import type { TopicCard, TopicMap } from "../lib/shapes";

export const WIDE = 218;
export const TALL = 94;
const LEFT = 118; // for the names of the lanes
const BETWEEN = 56; // columns
const LANE = 9; // above and below the cards of a lane

export function drawn({ topics, groups }: TopicMap) {
  const by = new Map(topics.map((one) => [one.slug, one]));
  const column = new Map<string, number>();
  const depth = (slug: string): number => {
    const known = column.get(slug);
    if (known !== undefined) return known;
    column.set(slug, 0); // a circle ends
    const found = Math.max(-1, ...(by.get(slug)?.builds_on ?? []).filter((one) => by.has(one)).map(depth)) + 1;
    column.set(slug, found);
    return found;
  };
  topics.forEach((one) => depth(one.slug));

  const places = new Map<string, { x: number; y: number }>();
  const lanes: { name: string; y: number; height: number }[] = [];
  let top = 0;
  for (const name of groups) {
    const stacked = new Map<number, number>(); // column → cards so far
    for (const one of topics.filter((topic) => topic.group === name)) {
      const at = column.get(one.slug)!;
      const level = stacked.get(at) ?? 0;
      stacked.set(at, level + 1);
      places.set(one.slug, { x: LEFT + at * (WIDE + BETWEEN), y: top + LANE + level * (TALL + LANE) });
    }
    const height = Math.max(1, ...stacked.values()) * (TALL + LANE) + LANE;
    lanes.push({ name, y: top, height });
    top += height;
  }
  const columns = Math.max(0, ...column.values()) + 1;
  return { places, lanes, lines: lines(topics, by, places, column), width: LEFT + columns * (WIDE + BETWEEN) - BETWEEN + 4, height: top + 1 };
}

function lines(topics: TopicCard[], by: Map<string, TopicCard>, places: Map<string, { x: number; y: number }>, column: Map<string, number>) {
  const found: { from: string; into: string; path: string }[] = [];
  const order = topics.map((one) => one.slug);
  for (const one of topics) {
    const known = one.builds_on.filter((slug) => by.has(slug));
    const direct = known.filter((slug) => !known.some((other) => other !== slug && below(by, other).has(slug)));
    direct.sort((a, b) => places.get(a)!.y - places.get(b)!.y); // the upper one comes in above
    direct.forEach((slug, at) => {
      const apart = column.get(one.slug)! - column.get(slug)!;
      const lower = (at - (direct.length - 1) / 2) * 14; // than the middle of the card
      found.push({ from: slug, into: one.slug, path: path(places.get(slug)!, places.get(one.slug)!, apart, order.indexOf(slug), lower) });
    });
  }
  return found;
}

function below(by: Map<string, TopicCard>, slug: string, found = new Set<string>()) {
  for (const one of by.get(slug)?.builds_on ?? [])
    if (!found.has(one)) {
      found.add(one);
      below(by, one, found);
    }
  return found;
}

/** Out to the right, down or up in the gap behind the card, in from the left. Over several columns it
 * runs above the lane of where it leads. */
function path(from: { x: number; y: number }, into: { x: number; y: number }, apart: number, number: number, lower: number): string {
  const [x, y] = [from.x + WIDE, from.y + TALL / 2 + ((number % 3) - 1) * 10];
  const [ex, ey] = [into.x - 2, into.y + TALL / 2 + lower];
  const gap = x + 16 + (number % 4) * 9;
  if (Math.abs(ey - y) < 4) return `M${x} ${y} H${ex}`;
  if (apart === 1) return rounded([[x, y], [gap, y], [gap, ey], [ex, ey]]);
  const along = ey > y ? into.y - LANE : into.y + TALL + LANE;
  const last = ex - 20 - (number % 4) * 7;
  return rounded([[x, y], [gap, y], [gap, along], [last, along], [last, ey], [ex, ey]]);
}

function rounded(points: [number, number][]): string {
  const [first, ...rest] = points as [[number, number], ...[number, number][]];
  let path = `M${first[0]} ${first[1]}`;
  rest.forEach(([x, y], at) => {
    const next = rest[at + 1];
    if (!next) return (path += ` L${x} ${y}`);
    const before = points[at]!;
    const r = Math.min(7, Math.hypot(x - before[0], y - before[1]) / 2, Math.hypot(next[0] - x, next[1] - y) / 2);
    const toward = (p: [number, number]) => [x + Math.sign(p[0] - x) * r, y + Math.sign(p[1] - y) * r];
    const [a, b] = [toward(before), toward(next)];
    path += ` L${a[0]} ${a[1]} Q${x} ${y} ${b[0]} ${b[1]}`;
  });
  return path;
}
