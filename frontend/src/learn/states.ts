// Where the states of a table are drawn, and how the arrows run between them. States stand in rows, in
// the order of the table; an arrow to the next row runs straight, a longer one in a bow on the right,
// one that leads back in a bow on the left. Arrows between the same two states are one.

import type { Arrow } from "../lib/shapes";

export interface Place {
  name: string;
  x: number; // of its middle
  y: number;
  wide: number;
}

export interface Bow {
  source: string;
  target: string;
  events: string[];
  path: string;
}

export const TALL = 30;
const ROW = 58;
const LETTER = 7.6;
const GAP = 26;

export function laidOut(states: string[], start: string, arrows: Arrow[]) {
  const rank = ranks(states, start, arrows);
  const rows: string[][] = [];
  for (const name of states) (rows[rank.get(name)!] ??= []).push(name);
  const wides = new Map(states.map((name) => [name, Math.max(64, name.length * LETTER + 22)]));
  const across = (row: string[]) => row.reduce((sum, name) => sum + wides.get(name)!, GAP * (row.length - 1));
  const widest = Math.max(...rows.map(across));
  const places = new Map<string, Place>();
  rows.forEach((row, at) => {
    let x = -across(row) / 2;
    for (const name of row) {
      const wide = wides.get(name)!;
      places.set(name, { name, x: x + wide / 2, y: at * ROW + TALL / 2, wide });
      x += wide + GAP;
    }
  });
  const bows = together(arrows).map((bow) => ({ ...bow, path: path(places.get(bow.source)!, places.get(bow.target)!, widest / 2, places) }));
  const longest = Math.max(0, ...bows.map((bow) => Math.abs(places.get(bow.target)!.y - places.get(bow.source)!.y) / ROW));
  const half = widest / 2 + 26 + 13.5 * longest;
  return { places, bows, box: [-half, -8, 2 * half, rows.length * ROW - ROW + TALL + 16] as const };
}

/** The longest way to each state along arrows that lead forward in the table. */
function ranks(states: string[], start: string, arrows: Arrow[]) {
  const order = [start, ...states.filter((name) => name !== start)];
  const number = new Map(order.map((name, at) => [name, at]));
  const rank = new Map(order.map((name) => [name, 0]));
  for (const name of order)
    for (const { source, target } of arrows)
      if (source === name && number.get(target)! > number.get(name)!) rank.set(target, Math.max(rank.get(target)!, rank.get(name)! + 1));
  return rank;
}

function together(arrows: Arrow[]): Omit<Bow, "path">[] {
  const bows = new Map<string, Omit<Bow, "path">>();
  for (const { source, event, target } of arrows) {
    if (source === target) continue;
    const key = `${source}\n${target}`;
    const bow = bows.get(key) ?? { source, target, events: [] };
    bow.events.push(event);
    bows.set(key, bow);
  }
  return [...bows.values()];
}

/** Whether another state of the row stands in the way to that side. */
const hidden = (place: Place, side: number, places: Map<string, Place>) =>
  [...places.values()].some((one) => one.y === place.y && (one.x - place.x) * side > 0);

function path(from: Place, into: Place, edge: number, places: Map<string, Place>): string {
  const rows = Math.round((into.y - from.y) / ROW);
  const half = TALL / 2;
  if (rows === 1) {
    const middle = (from.y + into.y) / 2;
    return `M${from.x} ${from.y + half} C${from.x} ${middle} ${into.x} ${middle} ${into.x} ${into.y - half - 1}`;
  }
  const side = rows > 0 ? 1 : -1; // forward on the right, back on the left
  if (rows === 0) {
    const toward = into.x > from.x ? 1 : -1;
    return `M${from.x + (toward * from.wide) / 2} ${from.y} L${into.x - toward * (into.wide / 2 + 1)} ${into.y}`;
  }
  // Out at the side; where that is hidden, through the gap between two rows.
  const out = side * (edge + 14 + 17 * Math.abs(rows));
  const shore = side * (edge + 4);
  let start = `M${from.x + (side * from.wide) / 2} ${from.y}`;
  let y = from.y;
  if (hidden(from, side, places)) {
    y = from.y + side * (ROW / 2);
    const x = from.x + side * 14;
    start = `M${x} ${from.y + side * half} Q${x} ${y} ${x + side * 16} ${y} L${shore} ${y}`;
  }
  if (!hidden(into, side, places)) return `${start} C${out} ${y} ${out} ${into.y} ${into.x + side * (into.wide / 2 + 1)} ${into.y}`;
  const end = into.y - side * (ROW / 2);
  const x = into.x + side * 14;
  return `${start} C${out} ${y} ${out} ${end} ${shore} ${end} L${x + side * 16} ${end} Q${x} ${end} ${x} ${into.y - side * (half + 1)}`;
}
