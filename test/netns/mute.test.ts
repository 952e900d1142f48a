// A master whose adverts a real firewall stops: one owner beside a peer that lives, and one still when the peer is dead.

import test, { type ExecutionContext } from "ava";
import { instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { holds } from "../helpers/daemon-place.ts";
import { type Duet, duetCommand, startDuet } from "../helpers/duet.ts";
import {
  type Keepalived,
  keepalivedInstance,
  startKeepalived,
} from "../helpers/peer-keepalived.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const nft = (command: string): string => pair.here.run(`/usr/sbin/nft ${command}`);

/** Until what is returned is called, adverts of ours end with EPERM. */
function mute(): () => void {
  nft("add table ip mute");
  nft("add chain ip mute output { type filter hook output priority 0 ; }");
  nft("add rule ip mute output ip protocol 112 drop");
  return () => nft("delete table ip mute");
}

/** Adverts slow enough that a busy machine's pauses are no deaths. */
const of = (vrid: number) => ({ vrid, advertS: 0.5, vips: [`10.9.0.${100 + vrid}/24`] });

async function startPeer(t: ExecutionContext, vrid: number): Promise<Keepalived> {
  const theirs = { ...of(vrid), interface: THERE.device, priority: 90, version: 3 } as const;
  return startKeepalived(t, pair.there, keepalivedInstance(theirs));
}

/** Who has the address: both are asked until one answer stands. */
async function isOnlyOn(side: "here" | "there", vrid: number): Promise<void> {
  const vip = `10.9.0.${100 + vrid}`;
  await eventually(
    `${vip} only ${side}`,
    () => holds(pair[side], vip) && !holds(pair[side === "here" ? "there" : "here"], vip),
  );
}

async function isDegraded(t: ExecutionContext, duet: Duet): Promise<void> {
  await eventually("adverts_not_sent", async () =>
    (await duet.status()).degraded.some(({ kind }) => kind === "adverts_not_sent"),
  );
  const { code, output } = await duetCommand(["status", "--run-dir", duet.runDir]);
  t.is(code, 1, output);
}

test.serial(
  "beside a keepalived that took over: it lets go, and comes back when its adverts leave",
  async (t) => {
    const duet = await startDuet(t, instanceText({ ...of(1), priority: 100 }));
    await duet.becomes("MASTER");
    const peer = await startPeer(t, 1);
    await peer.becomes("BACKUP");
    const unmute = mute();
    await peer.becomes("MASTER");
    await duet.said({ msg: "state changed", to: "BACKUP", cause: "adverts_not_sent" });
    await isOnlyOn("there", 1);
    await isDegraded(t, duet);
    const { counters: before } = await duet.instance();
    await eventually("it tries again", async () => {
      const { counters } = await duet.instance();
      return counters.send_errors >= before.send_errors + 3;
    });
    t.is((await duet.instance()).counters.became_master, 1, "and holds nothing for it");
    t.is((await duet.instance()).state, "BACKUP");
    unmute();
    await duet.said({ msg: "state changed", to: "MASTER", cause: "lower_master_preempted" });
    await peer.becomes("BACKUP");
    await isOnlyOn("here", 1);
    await eventually("nothing wrong", async () => (await duet.status()).degraded.length === 0);
  },
);

test.serial("alone it stays, and holds its addresses", async (t) => {
  const duet = await startDuet(t, instanceText({ ...of(2), priority: 100 }));
  await duet.becomes("MASTER");
  t.teardown(mute());
  await isDegraded(t, duet);
  const { counters: before } = await duet.instance();
  await eventually("three master-down intervals", async () => {
    const { counters } = await duet.instance();
    return counters.send_errors >= before.send_errors + 12;
  });
  const { state, counters } = await duet.instance();
  t.deepEqual([state, counters.released_master], ["MASTER", 0]);
  t.true(holds(pair.here, "10.9.0.102"));
});

test.serial(
  "mute from the start it leaves a lower master its addresses, until that one is dead",
  async (t) => {
    const peer = await startPeer(t, 3);
    await peer.becomes("MASTER");
    t.teardown(mute());
    const duet = await startDuet(t, instanceText({ ...of(3), priority: 100 }));
    await duet.said({ msg: "state changed", to: "BACKUP", cause: "adverts_not_sent" });
    await isDegraded(t, duet);
    await isOnlyOn("there", 3);
    t.is((await duet.instance()).counters.became_master, 1, "taken back in the same moment");
    peer.killAll();
    await duet.becomes("MASTER");
    t.true(holds(pair.here, "10.9.0.103"));
  },
);
