// What could happen next while the machine is held: what really waits, among others that touch the same
// parts, in the order of the map, so that the place in the list says nothing.

import type { Machine, Message } from "../lib/shapes";

const MOST = 4;

export interface Guess {
  wire: string;
  way: Message["way"];
  says: string;
}

const said = (wire: Machine["wires"][number], way: Message["way"]): Guess => ({
  wire: wire.name,
  way,
  says: way === "to server" ? `${wire.source} asks ${wire.target}` : `${wire.target} answers ${wire.source}`,
});

export const same = (one: Guess, message: Message) => one.wire === message.wire && one.way === message.way;

export function guesses(machine: Machine, next: Message): Guess[] {
  const wire = machine.wires.find((one) => one.name === next.wire);
  if (!wire) return [];
  const near = machine.wires.filter(
    (one) => [one.source, one.target].includes(wire.source) || [one.source, one.target].includes(wire.target),
  );
  const all = near
    .filter((one) => !one.sealed)
    .flatMap((one) => [said(one, "to server"), said(one, "to client")]);
  const at = all.findIndex((one) => same(one, next));
  if (at < 0) return [];
  // Those beside it in the list, drawn by the message itself: the same question has the same answers.
  const first = Math.max(0, Math.min(at - (next.size % MOST), all.length - MOST));
  return all.slice(first, first + MOST);
}

export const inWords = (machine: Machine, message: Message) => {
  const wire = machine.wires.find((one) => one.name === message.wire);
  return wire ? said(wire, message.way).says : message.wire;
};
