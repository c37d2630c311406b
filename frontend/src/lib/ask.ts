// Asking the program. What it cannot do comes back as a Problem, which is thrown.

import type { Problem } from "./shapes";

export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super([problem.sentence, problem.next_step].filter(Boolean).join(" "));
  }
}

export async function get<T>(path: string): Promise<T> {
  return answer<T>(await fetch(`/api/${path}`));
}

export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  return answer<T>(
    await fetch(`/api/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }),
  );
}

async function answer<T>(response: Response): Promise<T> {
  if (response.ok) return response.json();
  let problem: Problem = { sentence: `The program answered ${response.status}.`, next_step: "" };
  try {
    problem = await response.json();
  } catch {
    // no Problem: the status says all there is
  }
  throw new Refused(problem);
}
