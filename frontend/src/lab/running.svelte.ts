// What is being measured, wherever on the page somebody looks. It goes on when nobody does.

import { get, post } from "../lib/ask";
import { live } from "../lib/live.svelte";
import type { LabOrder, LabRunning } from "../lib/shapes";
import { placeOf } from "./names";

class Running {
  now = $state.raw<LabRunning | null>(null);
  #told = 0; // when, in seconds
  #clock = $state(0);

  constructor() {
    live.on("lab", (told) => this.#take(told), () => void this.refresh().catch(() => {}));
  }

  /** Count the seconds for as long as somebody looks; what is returned ends it. */
  follow() {
    const tick = setInterval(() => (this.#clock = performance.now() / 1000), 250);
    return () => clearInterval(tick);
  }

  /** What runs, null where nothing does. */
  get going(): LabRunning | null {
    return this.now && !this.now.over ? this.now : null;
  }

  /** Seconds that it may still take, now. */
  get left(): number | null {
    const going = this.going;
    if (going?.left == null) return null;
    return Math.max(0, going.left - Math.max(0, this.#clock - this.#told));
  }

  async refresh() {
    this.#take((await get("/labs/now")).running);
  }

  async start(lab: string, order: LabOrder) {
    this.now = null; // what was is not what this one comes to
    this.#take(await post("/labs/{topic}/{slug}/runs", placeOf(lab), order));
  }

  async stop() {
    this.#take((await post("/labs/stop")).running);
  }

  #take(told: LabRunning | null) {
    this.#told = this.#clock = performance.now() / 1000;
    this.now = told;
  }
}

export const running = new Running();
