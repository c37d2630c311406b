// A prediction as far as it has been made: kept while somebody looks elsewhere, until the page is left.

export class Draft {
  said = $state("");
  order = $state<string[]>([]);
  confidence = $state<number | null>(null);
  /** variant → what it was drawn at */
  drawn = $state<Record<string, number>>({});
  octets = $state(false);
}

const drafts = new Map<string, Draft>();

export function draftOf(lab: string): Draft {
  let draft = drafts.get(lab);
  if (!draft) drafts.set(lab, (draft = new Draft()));
  return draft;
}

export const forget = (lab: string) => drafts.delete(lab);
