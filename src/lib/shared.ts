// Work that many may ask for at once, and that is only done one after the other.

/**
 * Who asks while nothing runs starts `work`; all who ask while it runs share the next one, which begins after
 * they have asked. So a thousand requests are two runs.
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
