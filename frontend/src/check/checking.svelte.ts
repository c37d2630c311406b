// One check as it goes on: asked for whole, then kept up with what is told.

import { get, post } from "../lib/ask";
import { live } from "../lib/live.svelte";
import type { CheckedStage, CheckNews, CheckOpened } from "../lib/shapes";

export class Checking {
  opened = $state.raw<CheckOpened | null>(null);
  problem = $state("");
  busy = $state(false);
  #asked = 0;
  #early: CheckNews[] = [];

  constructor(
    readonly id: string,
    readonly follows: (id: string) => void,
  ) {}

  /** Ask, and listen; what is returned ends it. */
  start() {
    void this.load();
    return live.on("check", (news) => this.#news(news), () => void this.load());
  }

  async load() {
    const mine = ++this.#asked;
    try {
      const opened = await get("/checks/{id}", { id: this.id });
      if (mine !== this.#asked) return;
      this.opened = opened;
      this.problem = "";
      for (const news of this.#early.splice(0)) this.#take(news);
    } catch (error) {
      if (mine === this.#asked) this.problem = (error as Error).message;
    }
  }

  async act<T>(what: () => Promise<T>): Promise<T | undefined> {
    this.busy = true;
    this.problem = "";
    try {
      return await what();
    } catch (error) {
      this.problem = (error as Error).message;
    } finally {
      this.busy = false;
    }
  }

  stop() {
    return this.act(async () => {
      await post("/checks/stop");
      await this.load();
    });
  }

  /** The same program again. */
  again(watch: boolean, asked?: string) {
    const check = this.opened?.check;
    if (!check) return;
    return this.act(async () => {
      const { folder, target, topic } = check;
      const started = await post("/checks", { folder, target: target.replace(/(^|, )(\w+) /g, "$1$2="), topic, asked: asked ?? check.asked, watch });
      this.follows(started.id);
    });
  }

  hint(stage: CheckedStage) {
    return this.act(async () => {
      const hints = await post("/checks/hint", { folder: this.opened?.check.folder ?? "", stage: stage.name });
      if (this.opened) this.opened = { ...this.opened, hints: { ...this.opened.hints, [stage.slug]: hints } };
    });
  }

  #news(news: CheckNews) {
    if (news.id === this.id) {
      if (this.opened) this.#take(news);
      else this.#early.push(news);
    } else if (this.opened?.watches && news.watches) this.follows(news.id);
  }

  #take(news: CheckNews) {
    const before = this.opened;
    if (!before) return;
    const { state, watches, waits, building, notes } = news;
    this.opened = { ...before, state, watches, waits, building, notes, check: { ...before.check, stages: merged(before, news) } };
    if (state !== before.state && (state === "over" || state === "halted" || state === "refused")) void this.load();
  }
}

/** The stages with what is new of them, in the order of the plan. */
function merged(before: CheckOpened, news: CheckNews): CheckedStage[] {
  const stages = new Map(before.check.stages.map((stage) => [stage.slug, stage]));
  for (const { stage: slug, case: one } of news.cases) {
    const plan = before.plan.find((stage) => stage.slug === slug);
    if (!plan) continue;
    const known = stages.get(slug) ?? { name: plan.name, slug, title: plan.title, verdict: "pass" as const, seconds: 0, why: "", cases: [] };
    const cases = [...known.cases.filter((other) => other.slug !== one.slug), one];
    cases.sort((a, b) => plan.slugs.indexOf(a.slug) - plan.slugs.indexOf(b.slug));
    const worst = (["fail", "inconclusive", "pass"] as const).find((verdict) => cases.some((other) => other.verdict === verdict));
    stages.set(slug, { ...known, cases, verdict: worst ?? "skipped" });
  }
  return before.plan.flatMap((plan) => stages.get(plan.slug) ?? []);
}
