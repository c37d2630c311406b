/**
 * From the first to the last index, both included, below 0 from the end: as a span that lies
 * within the items and leaves its end out.
 *
 *   span(0, -1, 3)   {start: 0, end: 3}
 *   span(5, 9, 3)    {start: 0, end: 0}
 */
export function span(first, last, size) {
  const start = Math.max(first < 0 ? first + size : first, 0);
  const end = Math.min(last < 0 ? last + size : last, size - 1) + 1;
  return start < end ? { start, end } : { start: 0, end: 0 };
}
