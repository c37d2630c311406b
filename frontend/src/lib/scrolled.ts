// What is wider than its place can be moved by keys, and has a name; what fits is no stop on the way.

export const scrolled = (name: string) => (place: HTMLElement) => {
  const look = () => {
    const wider = place.scrollWidth > place.clientWidth + 1;
    if (wider === place.hasAttribute("tabindex")) return;
    if (wider) {
      place.tabIndex = 0;
      place.setAttribute("role", "region");
      place.setAttribute("aria-label", name);
    } else for (const one of ["tabindex", "role", "aria-label"]) place.removeAttribute(one);
  };
  const watching = new ResizeObserver(look);
  watching.observe(place);
  if (place.firstElementChild) watching.observe(place.firstElementChild);
  return () => watching.disconnect();
};
