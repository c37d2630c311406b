// The machine as it is now: a picture four times a second, and some of what passes.

import { get } from "./ask";
import type { Machine, Message, Sampled, Told, Wire } from "./shapes";

const KEPT = 40; // figures that a small curve is drawn of
const SEEN = 200; // messages of each wire that a page remembers

type Listener = (messages: Message[], of: number) => void;
type Other = { kind: string; told: (event: MessageEvent) => void; missed: () => void };

class Live {
  machine = $state.raw<Machine | null>(null);
  connected = $state(false);
  /** wire → exchanges a second, the latest last */
  curves = $state.raw<Record<string, number[]>>({});
  /** wire → messages that were told, the latest last */
  latest = $state.raw<Record<string, Message[]>>({});
  #listeners = new Set<Listener>();
  #others = new Set<Other>();
  #source: EventSource | null = null;

  start() {
    const source = new EventSource("/api/events");
    source.onopen = () => (this.connected = true);
    source.onerror = () => (this.connected = false);
    source.addEventListener("machine", (event) => this.#picture(JSON.parse(event.data)));
    source.addEventListener("messages", (event) => this.#messages(JSON.parse(event.data)));
    source.addEventListener("missed", () => {
      void this.refresh();
      for (const { missed } of this.#others) missed();
    });
    for (const { kind, told } of this.#others) source.addEventListener(kind, told);
    this.#source = source;
    void this.refresh();
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

  wire(name: string): Wire | undefined {
    return this.machine?.wires.find((wire) => wire.name === name);
  }

  /** Be told of messages as they pass; what is returned ends it. */
  hear(listener: Listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #picture(machine: Machine) {
    this.machine = machine;
    const curves: Record<string, number[]> = {};
    for (const wire of machine.wires)
      curves[wire.name] = [...(this.curves[wire.name] ?? []), wire.rates.exchanges].slice(-KEPT);
    this.curves = curves;
  }

  #messages({ messages, of }: Sampled) {
    const latest = { ...this.latest };
    for (const message of messages)
      latest[message.wire] = [...(latest[message.wire] ?? []), message].slice(-SEEN);
    this.latest = latest;
    for (const listener of this.#listeners) listener(messages, of);
  }
}

export const live = new Live();
