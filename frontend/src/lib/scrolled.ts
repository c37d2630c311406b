// What is larger than its place can be scrolled by keys: then it takes part in the order of Tab, and is
// a region with a name, where it has no role of its own. What fits is no stop on the way.

export const scrolled = (name = "") => (place: HTMLElement) => {
  const look = () => {
    const larger = place.scrollWidth > place.clientWidth + 1 || place.scrollHeight > place.clientHeight + 1;
    place.tabIndex = larger ? 0 : -1;
    if (!name) return;
    if (larger) {
      place.setAttribute("role", "region");
      place.setAttribute("aria-label", name);
    } else for (const one of ["role", "aria-label"]) place.removeAttribute(one);
  };
  const watching = new ResizeObserver(look);
  watching.observe(place);
  if (place.firstElementChild) watching.observe(place.firstElementChild);
  return () => watching.disconnect();
};
