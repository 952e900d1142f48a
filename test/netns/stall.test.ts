// A director whose processes stand still for a while, as a virtual machine that is moved: nothing but silence changes
// an election.

import { setTimeout as delay } from "node:timers/promises";
import test from "ava";
import { instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { startDuet } from "../helpers/duet.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);

test.serial("a backup that stood still while its master spoke does not take over", async (t) => {
  const vips = ["10.9.0.101/24"];
  const master = await startDuet(t, instanceText({ vrid: 1, priority: 200, vips }));
  await master.becomes("MASTER");
  const text = instanceText({ interface: THERE.device, vrid: 1, priority: 100, vips });
  const backup = await startDuet(t, text, { place: pair.there });
  await eventually("it hears its master", async () => {
    const { counters } = await backup.instance();
    return counters.adverts_received > 3;
  });
  const pid = await backup.pidOf("vrrp");
  for (let round = 0; round < 5; round += 1) {
    const before = (await backup.instance()).counters.adverts_received;
    process.kill(pid, "SIGSTOP");
    await delay(700); // twice Master_Down_Interval; the guardian is patient for two seconds
    process.kill(pid, "SIGCONT");
    await eventually("it hears again", async () => {
      return (await backup.instance()).counters.adverts_received > before + 6;
    });
  }
  t.like(await backup.instance(), { state: "BACKUP", counters: { became_master: 0 } });
  t.like(await master.instance(), { state: "MASTER", counters: { became_master: 1 } });
  t.is(await backup.pidOf("vrrp"), pid);
});
