/**
 * Items in order, as an array of short sorted arrays.
 *
 *   [ 1 3 4 ] [ 7 8 ] [ 9 12 15 ]      rank of 9: 3 + 2
 *
 * One sorted array would move half of its items for each that comes or goes; here it is half of a
 * run, and a run that grows too long is cut in two. Runs are found by bisection; a rank adds up
 * the lengths of the runs before. A skip list is O(log n) where this is O(n / run), with a small
 * constant: at a million items it looks at some thousands of lengths in a row.
 */

const RUN_MOST = 512;

/** @template T */
export class Ordered {
  #compare;
  /** No run is empty. @type {T[][]} */
  #runs = [];

  /** @param {(a: T, b: T) => number} compare */
  constructor(compare) {
    this.#compare = compare;
  }

  /** @param {T} item  not there yet */
  add(item) {
    if (this.#runs.length === 0) return void this.#runs.push([item]);
    const at = Math.min(this.#runOf(item), this.#runs.length - 1);
    const run = this.#runs[at];
    run.splice(this.#placeIn(run, item), 0, item);
    if (run.length > RUN_MOST) this.#runs.splice(at + 1, 0, run.splice(RUN_MOST / 2));
  }

  /** @param {T} item  it is there */
  delete(item) {
    const at = this.#runOf(item);
    const run = this.#runs[at];
    run.splice(this.#placeIn(run, item), 1);
    if (run.length === 0) this.#runs.splice(at, 1);
  }

  /**
   * How many come before the first item for which `reached` holds. It holds for all behind it.
   *
   * @param {(item: T) => boolean} reached
   */
  rank(reached) {
    const at = bisect(this.#runs, (run) => reached(run[run.length - 1]));
    let rank = at < this.#runs.length ? bisect(this.#runs[at], reached) : 0;
    for (let i = 0; i < at; i++) rank += this.#runs[i].length;
    return rank;
  }

  /** @returns {T[]}  from rank `start` up to `end` */
  slice(start, end) {
    const found = [];
    for (const run of this.#runs) {
      if (end <= 0) break;
      if (start < run.length) found.push(...run.slice(Math.max(start, 0), end));
      start -= run.length;
      end -= run.length;
    }
    return found;
  }

  #runOf(item) {
    return bisect(this.#runs, (run) => this.#compare(run[run.length - 1], item) >= 0);
  }

  #placeIn(run, item) {
    return bisect(run, (other) => this.#compare(other, item) >= 0);
  }
}

/** The first index for which `reached` holds, or the length. */
function bisect(items, reached) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reached(items[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
