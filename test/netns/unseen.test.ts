// What no state shows: adverts that do not leave, an address put by hand on a backup, settings that were refused.

import test from "ava";
import type { Degraded } from "../../src/control/degraded.ts";
import { HERE, instanceText, openPair } from "../helpers/daemon-pair.ts";
import { holds } from "../helpers/daemon-place.ts";
import { type Duet, duetCommand, startDuet } from "../helpers/duet.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const NFT = "/usr/sbin/nft";

async function reason(duet: Duet, kind: Degraded["kind"]): Promise<Degraded> {
  let seen = "";
  return eventually(
    () => `a reason ${kind}, there are ${seen}`,
    async () => {
      const { degraded } = await duet.status();
      seen = JSON.stringify(degraded);
      return degraded.find((each) => each.kind === kind);
    },
  );
}

async function isWell(duet: Duet): Promise<void> {
  await eventually("nothing wrong", async () => (await duet.status()).degraded.length === 0);
}

test.serial(
  "adverts that a firewall stops are told, and no more when they leave again",
  async (t) => {
    const duet = await startDuet(
      t,
      instanceText({ vrid: 1, priority: 100, vips: ["10.9.0.101/24"] }),
    );
    await duet.becomes("MASTER");
    pair.here.run(`${NFT} add table ip mute`);
    pair.here.run(`${NFT} add chain ip mute output { type filter hook output priority 0 ; }`);
    pair.here.run(`${NFT} add rule ip mute output ip protocol 112 drop`);
    const { subject, text } = await reason(duet, "adverts_not_sent");
    t.is(subject, "VI");
    t.regex(text, /the last \d+ adverts did not leave, .*EPERM/);
    const { code, output } = await duetCommand(["status", "--run-dir", duet.runDir]);
    t.is(code, 1, output);
    await duet.said({ msg: "degraded", kind: "adverts_not_sent" });
    pair.here.run(`${NFT} delete table ip mute`);
    await isWell(duet);
  },
);

test.serial(
  "a virtual address that somebody puts on a backup is told, and left there",
  async (t) => {
    const vips = ["10.9.0.102/24"];
    const master = await startDuet(
      t,
      instanceText({ vrid: 2, priority: 200, vips, interface: "there0" }),
      { place: pair.there },
    );
    await master.becomes("MASTER");
    const duet = await startDuet(t, instanceText({ vrid: 2, priority: 100, vips }));
    await duet.becomes("BACKUP");
    pair.here.run(`ip address add 10.9.0.102/24 dev ${HERE.device}`);
    const { subject, text } = await reason(duet, "vip_on_backup");
    t.is(subject, "VI");
    t.regex(text, /^10\.9\.0\.102 is on here0 although this node is not MASTER/);
    await duet.said({ msg: "degraded", kind: "vip_on_backup" });
    t.true(holds(pair.here, "10.9.0.102"));
    pair.here.run(`ip address del 10.9.0.102/24 dev ${HERE.device}`);
    await isWell(duet);
  },
);

test.serial("settings that use_vmac needs and that cannot be written are told", async (t) => {
  const readOnly = "mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys";
  const place = {
    run: pair.here.run,
    spawn: (command: string, args: readonly string[]) =>
      pair.here.spawn("unshare", [
        "-m",
        "sh",
        "-c",
        `${readOnly} && exec "$@"`,
        "sh",
        command,
        ...args,
      ]),
  };
  const more = ["use_vmac = vmac3"];
  const vips = ["10.9.0.103/24"];
  const duet = await startDuet(t, instanceText({ vrid: 3, priority: 100, vips, more }), { place });
  const { subject, text } = await reason(duet, "setting_refused");
  t.is(subject, "VI");
  t.regex(text, /net\/ipv4\/conf\/vmac3\/rp_filter is \d and should be 2: .*EROFS/);
  await duet.becomes("MASTER");
});
