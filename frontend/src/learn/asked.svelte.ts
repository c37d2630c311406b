// Something that was asked of the program: not there yet, there, or why it is not.

import { get, post } from "../lib/ask";

export class Asked<T> {
  value = $state.raw<T | null>(null);
  problem = $state("");
  busy = $state(false);
  #latest = 0;

  /** Ask for it; what was there stays until the answer comes. */
  load(path: string): Promise<T | null> {
    return this.#take(get<T>(path));
  }

  /** Change something; the answer is how it is now. */
  send(path: string, body: unknown = {}): Promise<T | null> {
    return this.#take(post<T>(path, body));
  }

  async #take(answer: Promise<T>): Promise<T | null> {
    const mine = ++this.#latest;
    this.busy = true;
    try {
      const value = await answer;
      if (mine !== this.#latest) return null;
      this.problem = "";
      return (this.value = value);
    } catch (error) {
      if (mine === this.#latest) this.problem = error instanceof Error ? error.message : String(error);
      return null;
    } finally {
      if (mine === this.#latest) this.busy = false;
    }
  }
}
