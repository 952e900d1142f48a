// Two owners of the same addresses (priority 255) on one wire: a mistake, and still one master only.

import test from "ava";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import type { Teardown } from "../helpers/daemon-place.ts";
import { type Duet, killAtOnce, startDuet } from "../helpers/duet.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);

const IGNORE = "owner_ignore_adverts = yes";

/** Each has the address as its own, as an owner has. */
async function owners(
  t: Teardown,
  { vrid, lower = [], higher = [] }: { vrid: number; lower?: string[]; higher?: string[] },
): Promise<{ readonly lower: Duet; readonly higher: Duet }> {
  const vip = `10.9.0.${200 + vrid}`;
  const text = (device: string, more: readonly string[]): string =>
    instanceText({ vrid, interface: device, priority: 255, vips: [`${vip}/24`], more });
  pair.here.run(`ip address add ${vip}/24 dev ${HERE.device}`);
  pair.there.run(`ip address add ${vip}/24 dev ${THERE.device}`);
  const [first, second] = await Promise.all([
    startDuet(t, text(HERE.device, lower)),
    startDuet(t, text(THERE.device, higher), { place: pair.there }),
  ]);
  return { lower: first, higher: second };
}

test.serial(
  "the one with the lower address gives way, and is back when the other has gone",
  async (t) => {
    const { lower, higher } = await owners(t, { vrid: 1 });
    await lower.becomes("BACKUP");
    t.is((await lower.instance()).cause, "equal_priority_higher_address");
    const { adverts_received: heard } = (await lower.instance()).counters;
    await eventually(
      "it hears the other for a while",
      async () => (await lower.instance()).counters.adverts_received > heard + 20,
    );
    t.like(await lower.instance(), { state: "BACKUP", master: { priority: 255 } });
    t.like((await higher.instance()).counters, { released_master: 0 });
    killAtOnce(higher);
    t.is((await lower.becomes("MASTER")).cause, "master_down_timer");
  },
);

test.serial("where it hears nobody (RFC 5798 §7.1) the other one gives way", async (t) => {
  const { lower, higher } = await owners(t, { vrid: 2, lower: [IGNORE] });
  t.is((await higher.becomes("BACKUP")).cause, "second_owner");
  const { counters, state } = await lower.instance();
  t.is(state, "MASTER");
  t.true((counters.rejected["address_owner"] ?? 0) > 2);
  lower.signal("SIGTERM");
  t.is((await higher.becomes("MASTER")).cause, "priority_zero_received");
});

test.serial("two that hear nobody stay MASTER both: that is what they were told", async (t) => {
  const { lower, higher } = await owners(t, { vrid: 3, lower: [IGNORE], higher: [IGNORE] });
  for (const each of [lower, higher]) {
    await eventually(
      "it ignores the other",
      async () => ((await each.instance()).counters.rejected["address_owner"] ?? 0) > 20,
    );
    t.is((await each.instance()).state, "MASTER");
    await each.said({ msg: "advert rejected", reason: "address_owner" });
  }
});
