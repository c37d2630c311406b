// What is wider than its place can be scrolled by keys: it takes part in the order of Tab, if it is.

export function reachable(node: HTMLElement) {
  const look = () => {
    if (node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1) node.tabIndex = 0;
    else node.tabIndex = -1;
  };
  const watcher = new ResizeObserver(look);
  watcher.observe(node);
  look();
  return { destroy: () => watcher.disconnect() };
}
