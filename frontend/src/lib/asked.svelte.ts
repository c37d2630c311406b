// Something that was asked of the program: not there yet, there, or why it is not.

export class Asked<T> {
  value = $state.raw<T | null>(null);
  problem = $state("");
  busy = $state(false);
  #latest = 0;

  /** What was there stays until the answer comes. Null where it does not, or another was asked meanwhile. */
  async take(answer: Promise<T>): Promise<T | null> {
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
