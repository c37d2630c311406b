// Keys for those who keep their hands there. One letter each, only outside of what is typed into, and
// they can be turned off (WCAG 2.1.4).

export interface Key {
  key: string;
  does: string;
  act: () => void;
}

class Keys {
  on = $state(localStorage.getItem("keys") !== "off");
  all = $state.raw<Key[]>([]);

  constructor() {
    addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** Keys that are there as long as a part of the page is; what is returned takes them away. */
  add(...keys: Key[]) {
    this.all = [...this.all, ...keys];
    return () => {
      this.all = this.all.filter((key) => !keys.includes(key));
    };
  }

  turn(on: boolean) {
    this.on = on;
    localStorage.setItem("keys", on ? "on" : "off");
  }

  #pressed(event: KeyboardEvent) {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable], dialog");
    if (!this.on || typing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const found = this.all.find(({ key }) => key === event.key);
    if (!found) return;
    event.preventDefault();
    found.act();
  }
}

export const keys = new Keys();
