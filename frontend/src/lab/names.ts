// The names of the program's shapes that this area uses in several places.

import type { LabRunLine, LabSetting } from "../lib/shapes";

export type LabOutcome = LabRunLine["outcome"];
export type { LabSetting };

/** Where the program keeps it: `topic/slug`. */
export function placeOf(lab: string): { topic: string; slug: string } {
  const [topic = "", slug = ""] = lab.split("/");
  return { topic, slug };
}
