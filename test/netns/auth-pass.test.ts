// The password of version 2, with a real keepalived as the other half (RFC 2338 §5.3.6, §7.1).

import test from "ava";
import { instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { holds, type Teardown } from "../helpers/daemon-place.ts";
import { type Duet, startDuet } from "../helpers/duet.ts";
import {
  type Keepalived,
  keepalivedInstance,
  startKeepalived,
} from "../helpers/peer-keepalived.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const common = { version: 2, advertS: 1 } as const;

async function duet(
  t: Teardown,
  settings: { readonly vrid: number; readonly priority: number; readonly password: string | null },
): Promise<Duet> {
  const { vrid, priority, password } = settings;
  const more = password === null ? [] : ["auth_type = PASS", `auth_pass = ${password}`];
  const vips = [`10.9.0.${100 + vrid}/24`];
  return startDuet(t, instanceText({ ...common, vrid, priority, vips, more }));
}

async function keepalived(
  t: Teardown,
  settings: { readonly vrid: number; readonly priority: number; readonly password: string },
): Promise<Keepalived> {
  const { vrid, priority, password } = settings;
  const more = `authentication {\n auth_type PASS\n auth_pass ${password}\n }`;
  const vips = [`10.9.0.${100 + vrid}/24`];
  return startKeepalived(
    t,
    pair.there,
    keepalivedInstance({ ...common, interface: THERE.device, vrid, priority, vips, more }),
  );
}

test.serial(
  "PASS: duet with the higher priority takes over from keepalived, and gives back",
  async (t) => {
    const peer = await keepalived(t, { vrid: 1, priority: 100, password: "s3cret" });
    await peer.becomes("MASTER");
    const node = await duet(t, { vrid: 1, priority: 150, password: "s3cret" });
    await node.becomes("MASTER");
    await peer.becomes("BACKUP");
    await eventually(
      "one owner",
      () => holds(pair.here, "10.9.0.101") && !holds(pair.there, "10.9.0.101"),
    );
    t.is((await node.instance()).counters.rejected["auth_failure"], 0);
    node.signal("SIGTERM");
    await peer.becomes("MASTER");
  },
);

test.serial(
  "PASS: duet yields to keepalived with the higher priority, with all eight bytes",
  async (t) => {
    const node = await duet(t, { vrid: 2, priority: 100, password: "12345678" });
    await node.becomes("MASTER");
    const peer = await keepalived(t, { vrid: 2, priority: 150, password: "12345678" });
    const { master, cause } = await node.becomes("BACKUP");
    t.is(cause, "higher_priority_advert");
    t.deepEqual(master, { address: THERE.address, priority: 150 });
    await peer.stop();
    t.is((await node.becomes("MASTER")).cause, "priority_zero_received");
  },
);

test.serial("PASS: keepalived cuts a longer password at eight bytes, and so do we", async (t) => {
  const node = await duet(t, { vrid: 5, priority: 100, password: "12345678-of-ours" });
  await node.becomes("MASTER");
  const peer = await keepalived(t, { vrid: 5, priority: 150, password: "12345678-of-theirs" });
  const { master } = await node.becomes("BACKUP");
  t.deepEqual(master, { address: THERE.address, priority: 150 });
  t.is((await node.instance()).counters.rejected["auth_failure"], 0);
  await peer.stop();
  t.is((await node.becomes("MASTER")).cause, "priority_zero_received");
});

for (const { vrid, password, reason } of [
  { vrid: 3, password: "other", reason: "auth_failure" },
  { vrid: 4, password: null, reason: "auth_type" },
] as const) {
  test.serial(
    `PASS: a keepalived with a password that is not ours is rejected as ${reason}`,
    async (t) => {
      const peer = await keepalived(t, { vrid, priority: 150, password: "s3cret" });
      await peer.becomes("MASTER");
      const node = await duet(t, { vrid, priority: 100, password });
      const counted = await eventually("rejected adverts", async () => {
        const { counters } = await node.instance();
        return (counters.rejected[reason] ?? 0) > 1 && counters;
      });
      t.is(counted.adverts_received, 0);
      t.is((await node.instance()).master, null);
      const told = node.lines().filter(({ msg }) => msg === "advert rejected");
      t.deepEqual(
        told.map((line) => line["reason"]),
        [reason],
      );
    },
  );
}
