// Where parts stand: each a column behind whoever asks it, those of a column below one another.

import type { Machine } from "../lib/shapes";

export const TRAFFIC = "traffic";
const COLUMN = 290;
const ROW = 170;

export function places(machine: Machine): Record<string, { x: number; y: number }> {
  const columns: Record<string, number> = { [TRAFFIC]: 0 };
  for (let round = 0; round < machine.parts.length + 1; round++)
    for (const { source, target } of machine.wires)
      if (source in columns) columns[target] = Math.max(columns[target] ?? 0, columns[source]! + 1);
  const names = [TRAFFIC, ...machine.parts.map((part) => part.name)];
  const result: Record<string, { x: number; y: number }> = {};
  const sizes: Record<number, number> = {};
  for (const name of names) sizes[columns[name] ?? 0] = (sizes[columns[name] ?? 0] ?? 0) + 1;
  const used: Record<number, number> = {};
  for (const name of names) {
    const column = columns[name] ?? 0;
    const row = (used[column] = (used[column] ?? 0) + 1) - 1;
    result[name] = { x: column * COLUMN, y: (row - (sizes[column]! - 1) / 2) * ROW };
  }
  return result;
}
