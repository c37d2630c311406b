// Where we are, as the address says it: #/machine/wires/app-1-to-cache. Every place can be linked to.

function here(): string[] {
  const address = location.hash.replace(/^#\/?/, "");
  let parts = address;
  try {
    parts = decodeURI(address);
  } catch {
    // not written by us: a % that begins nothing is meant as it stands
  }
  return parts.split("/").filter(Boolean);
}

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
