// Where we are, as the address says it: #/machine/wires/app-1-to-cache. Every place can be linked to.

const here = () => decodeURI(location.hash.replace(/^#\/?/, "")).split("/").filter(Boolean);

class Route {
  parts = $state(here());

  constructor() {
    addEventListener("hashchange", () => (this.parts = here()));
  }

  get area(): string {
    return this.parts[0] ?? "machine";
  }
}

export const route = new Route();

export const to = (...parts: (string | number)[]) => "#/" + encodeURI(parts.join("/"));

export function go(...parts: (string | number)[]) {
  location.hash = to(...parts);
}
