/** The time in milliseconds since 1970, and a way to move it: checks need not wait. */
export class Clock {
  #ahead = 0;
  #stopped = false;

  /** While stopped, no moment has come yet: no lifetime is over. */
  now() {
    return this.#stopped ? -Infinity : Date.now() + this.#ahead;
  }

  advance(milliseconds) {
    this.#ahead += milliseconds;
  }

  stop() {
    this.#stopped = true;
  }

  start() {
    this.#stopped = false;
  }
}
