// A planned stop of a master, seen by a client of the virtual address: two directors and the client on one switch.

import test from "ava";
import { ask } from "../helpers/asker.ts";
import { instanceText, THERE } from "../helpers/daemon-pair.ts";
import { holds, type Place, type Teardown } from "../helpers/daemon-place.ts";
import { startDuet } from "../helpers/duet.ts";
import { keepalivedInstance, startKeepalived } from "../helpers/peer-keepalived.ts";
import { openSegment } from "../helpers/segment.ts";
import { overlapMs, watchAddress } from "../helpers/sniff-addresses.ts";
import { eventually } from "../helpers/wait.ts";

const PORT = 7000;
const { here, there, client, close } = await openSegment();
test.after.always("the segment goes", close);

async function answer(t: Teardown, place: Place): Promise<void> {
  const child = place.spawn(process.execPath, ["build/test/helpers/udp-answerer.js", String(PORT)]);
  t.teardown(() => void child.kill("SIGKILL"));
  let ready = false;
  child.stdout?.once("data", () => (ready = true));
  await eventually("the answerer", () => ready);
}

for (const [vrid, peer, version, advertS] of [
  [1, "duet", 3, 0.5],
  [2, "duet", 2, 1],
  [3, "keepalived", 3, 0.5],
  [4, "keepalived", 2, 1],
] as const) {
  test.serial(`v${version}: a master that is stopped hands over to ${peer}`, async (t) => {
    const vip = `10.9.0.${100 + vrid}`;
    const common = { vrid, version, advertS, vips: [`${vip}/24`] };
    const master = await startDuet(t, instanceText({ ...common, priority: 150 }), { place: here });
    await master.becomes("MASTER");
    const other = { ...common, interface: THERE.device, priority: 100 };
    if (peer === "duet") await startDuet(t, instanceText(other), { place: there });
    else await (await startKeepalived(t, there, keepalivedInstance(other))).becomes("BACKUP");
    for (const place of [here, there]) await answer(t, place);
    const logs = [await watchAddress(t, here, vip), await watchAddress(t, there, vip)] as const;
    const asker = await ask(t, client, { address: vip, port: PORT, periodMs: 5 });

    master.signal("SIGTERM");
    t.is(await master.ended, 0);
    await eventually("the successor's address", () => holds(there, vip));
    t.false(holds(here, vip));
    const { sent, lost } = await asker.end();
    const bothMs = overlapMs(...logs);
    t.log(
      `${lost} of ${sent} questions were not answered; both held it for ${bothMs.toFixed(1)} ms`,
    );
    t.true(sent > 10);
    t.is(lost, 0);
  });
}

test.serial("a master that nobody follows is gone after the longest Skew_Time", async (t) => {
  const duet = await startDuet(
    t,
    instanceText({
      vrid: 9,
      priority: 100,
      version: 2,
      advertS: 1,
      vips: ["10.9.0.109/24"],
    }),
    { place: here },
  );
  await duet.becomes("MASTER");
  const fromMs = performance.now();
  duet.signal("SIGTERM");
  t.is(await duet.ended, 0);
  t.log(`the stop took ${(performance.now() - fromMs).toFixed(0)} ms`);
  t.false(holds(here, "10.9.0.109"));
});
