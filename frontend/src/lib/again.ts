// Look now, and again and again for as long as a part of the page is there; not while nobody sees it.
//
//     $effect(() => again(500, async () => (messages = await get(…))));
//
// A look that fails changes nothing: the next one may not.

export function again(ms: number, look: () => Promise<unknown>): () => void {
  let waiting: ReturnType<typeof setTimeout>;
  let over = false;
  const round = async () => {
    if (!document.hidden) await look().catch(() => {});
    if (!over) waiting = setTimeout(round, ms);
  };
  void round();
  return () => {
    over = true;
    clearTimeout(waiting);
  };
}
