// The machine as it is now: a picture four times a second, and some of what passes.

import { get } from "./ask";
import type { Machine, Message, Sampled, Told, Wire } from "./shapes";

const KEPT = 40; // figures that a small curve is drawn of

const LATELY = 10_000; // ms

type Listener = (messages: Message[]) => void;
type Other = { kind: string; told: (event: MessageEvent) => void; missed: () => void };

class Live {
  machine = $state.raw<Machine | null>(null);
  /** "lost": it is tried again; "over": this address leads nowhere any more. */
  connection = $state<"opening" | "open" | "lost" | "over">("opening");
  /** wire → exchanges a second, the latest last */
  curves = $state.raw<Record<string, number[]>>({});
  /** whether of late more messages passed than were told */
  sampled = $state(false);
  #crowded = -Infinity; // when that was, in ms
  #listeners = new Set<Listener>();
  #others = new Set<Other>();
  #source: EventSource | null = null;

  start() {
    const source = new EventSource("/api/events");
    source.onopen = () => (this.connection = "open");
    source.onerror = () => (this.connection = source.readyState === EventSource.CLOSED ? "over" : "lost");
    source.addEventListener("machine", (event) => this.#picture(JSON.parse(event.data)));
    source.addEventListener("messages", (event) => this.#messages(JSON.parse(event.data)));
    source.addEventListener("missed", () => {
      void this.#renew();
      for (const { missed } of this.#others) missed();
    });
    for (const { kind, told } of this.#others) source.addEventListener(kind, told);
    this.#source = source;
    void this.#renew();
    return () => source.close();
  }

  /** Be told of events of another kind, and when some were missed; what is returned ends it. */
  on<K extends keyof Told>(kind: K, listener: (what: Told[K]) => void, missed: () => void) {
    const other = { kind, missed, told: (event: MessageEvent) => listener(JSON.parse(event.data)) };
    this.#others.add(other);
    this.#source?.addEventListener(kind, other.told);
    return () => {
      this.#others.delete(other);
      this.#source?.removeEventListener(kind, other.told);
    };
  }

  async refresh() {
    this.#picture(await get("/machine"));
  }

  /** The same where nobody waits for it: without an answer, the next picture that is told will do. */
  #renew = () => this.refresh().catch(() => {});

  wire(name: string): Wire | undefined {
    return this.machine?.wires.find((wire) => wire.name === name);
  }

  /** Be told of messages as they pass; what is returned ends it. */
  hear(listener: Listener) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #picture(machine: Machine) {
    this.machine = machine;
    const curves: Record<string, number[]> = {};
    for (const wire of machine.wires)
      curves[wire.name] = [...(this.curves[wire.name] ?? []), wire.rates.exchanges].slice(-KEPT);
    this.curves = curves;
  }

  #messages({ messages, of }: Sampled) {
    const now = performance.now();
    if (of > messages.length) this.#crowded = now;
    this.sampled = now - this.#crowded < LATELY;
    for (const listener of this.#listeners) listener(messages);
  }
}

export const live = new Live();
