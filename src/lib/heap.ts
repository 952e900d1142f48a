// A binary heap in an array: what is due first stands first, and of the same time what came first. Pure.

export type Timed = { readonly atMs: number; readonly order: number };

export function place<T extends Timed>(heap: T[], mine: T): void {
  let at = heap.length;
  for (; at > 0; at = (at - 1) >> 1) {
    const above = heap[(at - 1) >> 1];
    if (above === undefined || isBefore(above, mine)) break;
    heap[at] = above;
  }
  heap[at] = mine;
}

export function takeFirst<T extends Timed>(heap: T[]): T | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (last === undefined || last === first) return first;
  let at = 0;
  for (;;) {
    const left = heap[2 * at + 1];
    const right = heap[2 * at + 2];
    const rightFirst = left !== undefined && right !== undefined && isBefore(right, left);
    const below = rightFirst ? right : left;
    if (below === undefined || isBefore(last, below)) break;
    heap[at] = below;
    at = 2 * at + (rightFirst ? 2 : 1);
  }
  heap[at] = last;
  return first;
}

function isBefore(a: Timed, b: Timed): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
