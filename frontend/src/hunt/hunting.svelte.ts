// The hunt that is on, for whoever shows something of it: its page, the bar above the machine, the
// buttons beside messages.
import { get, post } from "../lib/ask";
import { live } from "../lib/live.svelte";
import { to } from "../lib/route.svelte";
import type { HuntDesk, HuntMark, HuntNow } from "../lib/shapes";

class Hunting {
  desk = $state.raw<HuntDesk | null>(null);
  problem = $state("");
  busy = $state("");
  #came = $state(0); // when `desk` did, on the clock of the page
  #clock = $state(0);

  get now(): HuntNow | null {
    return this.desk?.now ?? null;
  }
  get on(): boolean {
    return this.now?.state === "on";
  }
  /** of the hunt, as they go on; or that it took */
  get seconds(): number {
    const now = this.now;
    return now ? now.seconds + (this.on ? Math.max(0, this.#clock - this.#came) / 1000 : 0) : 0;
  }

  /** Be up to date for as long as somebody looks; what is returned ends it. */
  follow() {
    void this.load();
    const tick = setInterval(() => (this.#clock = performance.now()), 1000);
    const told = live.on("hunt", (now) => this.#told(now), () => void this.load());
    const ask = setInterval(() => this.on && void this.load(), 4000); // what was opened since is counted then
    return () => (clearInterval(tick), clearInterval(ask), told());
  }

  async load() {
    await this.#act("", async () => get("/hunt"));
  }
  begin = (order: { seed?: number; level?: number }) => this.#act("Hiding a fault: it takes a few seconds", () => post("/hunt/start", order));
  answer = (place: string, cause: string) => this.#act("Looking at your answer", () => post("/hunt/answer", { place, cause }));
  end = () => this.#act("Putting the machine right: it takes a few seconds", () => post("/hunt/end"));
  hint = () => this.#change(() => post("/hunt/hint"));
  mark = (kind: HuntMark["kind"], id: string, gone = false) => this.#change(() => post("/hunt/mark", { kind, id, gone }));
  marked = (id: string) => !!this.now?.marks.some((mark) => mark.id === id);

  async #act(busy: string, ask: () => Promise<HuntDesk>) {
    if (busy) [this.busy, this.problem] = [busy, ""];
    try {
      this.#set(await ask());
      if (busy) void live.refresh();
    } catch (error) {
      this.problem = (error as Error).message;
    }
    if (busy) this.busy = "";
  }
  async #change(ask: () => Promise<HuntNow | null>) {
    this.problem = "";
    try {
      this.#told(await ask());
    } catch (error) {
      this.problem = (error as Error).message;
    }
  }
  #told(now: HuntNow | null) {
    const before = this.now?.state;
    if (this.desk) this.#set({ ...this.desk, now });
    if (before !== now?.state) void this.load();
  }
  #set(desk: HuntDesk) {
    this.desk = desk;
    this.#came = this.#clock = performance.now();
  }
}

export const hunting = new Hunting();

/** 1:07 */
export const minutes = (seconds: number) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** Where a mark, or what shows the fault, is looked at. */
export const where = ({ kind, id }: Pick<HuntMark, "kind" | "id">) => to("machine", kind === "request" ? "requests" : "wires", id);

/** What a level means. */
export const LEVELS = ["any", "seen in one message", "seen when two messages or wires are compared", "seen in what is missing, or only now and then"];
