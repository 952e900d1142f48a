// Who held an address, and from when to when: `ip monitor` in each place, with time stamps.

import { holds, linesOf, type Place, type Teardown } from "./daemon-place.ts";
import { eventually } from "./wait.ts";

export type AddressLog = {
  /** Every appearance and disappearance; a renewed lease is neither. */
  readonly changes: () => readonly AddressChange[];
};
export type AddressChange = { readonly atMs: number; readonly present: boolean };

/** Begins with the state at the call. */
export async function watchAddress(
  t: Teardown,
  place: Place,
  address: string,
): Promise<AddressLog> {
  const child = place.spawn("env", ["TZ=UTC", "ip", "-ts", "-o", "-4", "monitor", "address"]);
  const changes: AddressChange[] = [];
  let working = false;
  linesOf(child.stdout, (line) => {
    working = true;
    if (!line.includes(` ${address}/`)) return;
    const time = line.match(/^\[([^\]]+)\]/)?.[1] ?? "";
    const fraction = Number(time.slice(time.lastIndexOf(".")));
    const atMs = Date.parse(`${time.slice(0, 19)}Z`) + fraction * 1000;
    const present = !line.includes("Deleted ");
    if (changes.at(-1)?.present !== present) changes.push({ atMs, present });
  });
  t.teardown(() => void child.kill("SIGTERM"));
  // It does not say when it listens: something is moved on the loopback until it says so.
  const nobody = "127.255.0.1/32";
  await eventually("ip monitor at work", async () => {
    place.run(`ip address replace ${nobody} dev lo`);
    place.run(`ip address del ${nobody} dev lo`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return working;
  });
  if (changes.length === 0) changes.push({ atMs: 0, present: holds(place, address) });
  return { changes: () => changes };
}

/** For how long both held the address, in ms; an overlap that lasts still is Infinity. */
export function overlapMs(a: AddressLog, b: AddressLog): number {
  let sum = 0;
  for (const x of heldTimes(a)) {
    for (const y of heldTimes(b)) {
      sum += Math.max(0, Math.min(x.toMs, y.toMs) - Math.max(x.fromMs, y.fromMs));
    }
  }
  return sum;
}

function heldTimes(log: AddressLog): readonly { readonly fromMs: number; readonly toMs: number }[] {
  const changes = log.changes();
  return changes.flatMap(({ atMs, present }, i) =>
    present ? [{ fromMs: atMs, toMs: changes[i + 1]?.atMs ?? Infinity }] : [],
  );
}
