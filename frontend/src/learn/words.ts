import type { StageLine, TopicCard } from "../lib/shapes";

export const STATES: Record<TopicCard["state"], { sign: string; word: string }> = {
  done: { sign: "✓", word: "done" },
  begun: { sign: "◐", word: "begun" },
  next: { sign: "→", word: "next" },
  later: { sign: "", word: "later" },
};

export const STAGES: Record<StageLine["state"], { sign: string; word: string }> = {
  passed: { sign: "✓", word: "passes" },
  failed: { sign: "✗", word: "fails" },
  "passed before": { sign: "✗", word: "passed before" },
  "not checked": { sign: "?", word: "could not be checked" },
  open: { sign: "·", word: "not tried" },
};

export const day = (seconds: number) => new Date(1000 * seconds).toLocaleDateString("en", { day: "numeric", month: "long" });
