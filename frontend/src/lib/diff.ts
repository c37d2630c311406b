// A difference as `diff -u` writes it: what was taken away and what was put there, in colours of their own.

const KINDS: Record<string, string> = { "+": "string", "-": "keyword" };

export const changes = (diff: string) =>
  diff.trimEnd().split(/(?<=\n)/).map((text) => ({ kind: /^(\+\+\+|---)/.test(text) ? "" : (KINDS[text[0] ?? ""] ?? ""), text }));
