// Where parts stand: each a rank behind whoever asks it, those of a rank beside one another. On a wide
// sheet the ranks go to the right, on a tall one downwards.

import type { Machine } from "../lib/shapes";

export const TRAFFIC = "traffic";

/** The corner of each part, and for each wire where on its parts it begins and ends, 0 to 1. */
export interface Drawing {
  corners: Record<string, { x: number; y: number }>;
  from: Record<string, number>;
  to: Record<string, number>;
  /** wires that cross others; their labels keep away from where they do */
  crossing: Set<string>;
}

const WIDE = { rank: 332, beside: 190 };
const TALL = { rank: 186, beside: 252 };

export function drawn(machine: Machine, tall: boolean): Drawing {
  const ranks: Record<string, number> = { [TRAFFIC]: 0 };
  for (let round = 0; round < machine.parts.length + 1; round++)
    for (const { source, target } of machine.wires)
      if (source in ranks) ranks[target] = Math.max(ranks[target] ?? 0, ranks[source]! + 1);

  const step = tall ? TALL : WIDE;
  const across: Record<string, number> = {};
  const corners: Drawing["corners"] = {};
  const names = [TRAFFIC, ...machine.parts.map((part) => part.name)];
  for (const rank of new Set(Object.values(ranks))) {
    const here = names.filter((name) => (ranks[name] ?? 0) === rank);
    here.forEach((name, at) => {
      across[name] = (at - (here.length - 1) / 2) * step.beside;
      corners[name] = tall ? { x: across[name], y: rank * step.rank } : { x: rank * step.rank, y: across[name] };
    });
  }

  const from: Drawing["from"] = {};
  const to: Drawing["to"] = {};
  const spread = (wires: Machine["wires"], far: "source" | "target", into: Record<string, number>) =>
    [...wires]
      .sort((one, other) => across[one[far]]! - across[other[far]]!)
      .forEach((wire, at) => (into[wire.name] = (at + 1) / (wires.length + 1)));
  for (const name of names) {
    spread(machine.wires.filter((wire) => wire.source === name), "target", from);
    spread(machine.wires.filter((wire) => wire.target === name), "source", to);
  }
  const crossing = new Set(
    machine.wires
      .filter((one) =>
        machine.wires.some(
          (other) =>
            ranks[one.source] === ranks[other.source] &&
            (across[one.source]! - across[other.source]!) * (across[one.target]! - across[other.target]!) < 0,
        ),
      )
      .map((wire) => wire.name),
  );
  return { corners, from, to, crossing };
}
