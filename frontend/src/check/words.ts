// A check in words.

import type { Check, CheckLine, CheckOpened, CheckedCase } from "../lib/shapes";

export type Verdict = "pass" | "fail" | "inconclusive" | "skipped" | "open" | "left" | "unreached" | "playing";

export const VERDICTS: Record<Verdict, { sign: string; word: string }> = {
  pass: { sign: "✓", word: "passes" },
  fail: { sign: "✗", word: "fails" },
  inconclusive: { sign: "?", word: "could not be checked" },
  skipped: { sign: "–", word: "not tried" },
  open: { sign: "○", word: "not played yet" },
  left: { sign: "○", word: "not played" },
  unreached: { sign: "○", word: "not reached" },
  playing: { sign: "◐", word: "playing" },
};

/** The steps of one exchange, in their order. */
export const STEPS = ["connected", "sent", "answered", "framed", "parsed", "as asked", "closed"];

export const long = (seconds: number) => (seconds >= 60 ? `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s` : seconds >= 10 ? `${seconds.toFixed(0)}\u00a0s` : `${seconds.toFixed(2)}\u00a0s`);

/** What was asked to be checked. */
export const reach = (asked: string) => (asked === "next" ? "up to the first that does not pass" : asked === "all" ? "all stages" : `the stage ${asked}`);

/** The program, as short as it can be told. */
export const program = (of: { folder: string; target: string }) => of.target || of.folder.split("/").filter(Boolean).pop() || "/";

export const running = (check: CheckOpened) => check.state === "starting" || check.state === "building" || check.state === "playing";

export const key = (stage: string, slug: string) => `${stage}/${slug}`;

/** What is to be said of a case beside its verdict: it was otherwise when it was last played. */
export function change(check: CheckOpened, stage: string, one: CheckedCase): "" | "broke" | "mended" | "new" {
  const before = check.before[key(stage, one.slug)];
  if (before === "pass" && one.verdict === "fail") return "broke";
  if (before === "fail" && one.verdict === "pass") return "mended";
  return !before && one.verdict === "fail" && Object.keys(check.before).length ? "new" : "";
}

export interface Place {
  stage: Check["stages"][number];
  one: CheckedCase;
}

export const places = (check: Check): Place[] => check.stages.flatMap((stage) => stage.cases.map((one) => ({ stage, one })));

/** What is looked at where nothing was chosen: the first failure, else the first that could not be checked. */
export const first = (check: Check): Place | undefined =>
  places(check).find(({ one }) => one.verdict === "fail") ?? places(check).find(({ one }) => one.verdict === "inconclusive");

/** A check in a few words, for a list. */
export function outcome(line: CheckLine): string {
  const parts = [line.failed ? (line.cases === 1 ? "1 case fails" : `${line.failed} of ${line.cases} cases fail${line.failed === 1 ? "s" : ""}`) : line.cases === 1 ? "1 case" : `${line.cases} cases`];
  if (line.broke) parts.push(`${line.broke} broke`);
  if (line.mended) parts.push(`${line.mended} mended`);
  return parts.join(", ");
}
