// Waiting for what must happen, with a deadline and a message; never for time to pass.

const LOOK_AGAIN_MS = 5;
/** Of a machine that does much else too. It measures nothing. */
export const PATIENCE_MS = 120_000;

/** Resolves with the first value that is none of undefined, null and false. Rejects when the deadline is over;
 * a function says at that moment what was waited for. */
export async function eventually<T>(
  what: string | (() => string),
  look: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  deadlineMs = PATIENCE_MS,
): Promise<T> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== null && value !== false) return value;
    if (performance.now() > endMs) {
      const text = typeof what === "string" ? what : what();
      throw new Error(`Waited ${deadlineMs} ms in vain for: ${text}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
