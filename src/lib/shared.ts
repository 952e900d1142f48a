// Work that many may ask for at once, and that is only done one after the other.

/**
 * A request starts `work` when nothing runs; all requests that come while it runs share the next run, which begins after
 * they came. So a thousand requests are two runs.
 */
export function shared<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  return async () => {
    if (next !== undefined) return next;
    const own = running.then(async () => {
      next = undefined;
      return work();
    });
    next = own;
    running = own.catch(() => {});
    return own;
  };
}
