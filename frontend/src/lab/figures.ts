// Figures as the program shows them, and the words for what came of a run.

import type { LabOutcome, LabSetting } from "./names";

const NARROW = "\u202f"; // parts thousands

export function figure(value: number): string {
  if (value === 0) return "0";
  if (value >= 100 || Number.isInteger(value)) return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, NARROW);
  return Number(value.toPrecision(3)).toString();
}

export const withUnit = (value: number, unit: string) => (unit === "s" ? time(value) : `${figure(value)} ${unit}`.trim());

function time(seconds: number): string {
  for (const [unit, size] of [["s", 1], ["ms", 1e-3], ["µs", 1e-6], ["ns", 1e-9]] as const)
    if (seconds >= 0.9995 * size) return `${figure(seconds / size)} ${unit}`;
  return "0 s";
}

export const turnedTo = (settings: LabSetting[]) => settings.map(({ knob, value }) => `${knob} = ${value || "none"}`).join(", ");

/** The part of an address that says how knobs stand. */
export const asAddress = (settings: LabSetting[]) => settings.map(({ knob, value }) => `${knob}=${value}`).join("&");

export function fromAddress(text: string): Record<string, string> {
  const knobs: Record<string, string> = {};
  for (const part of text.split("&")) {
    const equals = part.indexOf("=");
    if (equals > 0) knobs[part.slice(0, equals)] = part.slice(equals + 1);
  }
  return knobs;
}

export const SIGN: Record<LabOutcome, string> = { "as expected": "✓", "not as expected": "✗", "no conclusion": "?" };

export const agreement = (agreed: boolean | null): LabOutcome => (agreed == null ? "no conclusion" : agreed ? "as expected" : "not as expected");

export const agreementWord = (agreed: boolean | null) => (agreed == null ? "the rows do not decide" : agreed ? "the rows agree" : "the rows say otherwise");
