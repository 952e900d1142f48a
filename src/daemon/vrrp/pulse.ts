// Notices, before anything else is done, that this process did not run for a while. Every wake-up beats; who waited for
// longer than the shortest time in which a backup takes over looks at its masters first: see vrrp/stall.ts.

export type Pulse = {
  readonly beat: () => void;
  readonly configure: (shortestMs: number) => void;
};

export function openPulse(nowMs: () => number, onGap: () => void): Pulse {
  let lastMs = nowMs();
  let shortestMs = Infinity;
  return {
    beat() {
      const now = nowMs();
      const gapMs = now - lastMs;
      lastMs = now;
      if (gapMs >= shortestMs) onGap();
    },
    configure(next) {
      shortestMs = next;
    },
  };
}
