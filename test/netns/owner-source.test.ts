// An owner (RFC 5798 §6.1, priority 255) whose virtual address is the only address of its interface: it sends from there,
// and the address is the machine's, whatever happens to duet.

import test from "ava";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { holds, type Teardown } from "../helpers/daemon-place.ts";
import { type Duet, duetCommand, killAtOnce, startDuet } from "../helpers/duet.ts";
import { keepalivedInstance, startKeepalived } from "../helpers/peer-keepalived.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test, { ipv6: true });
const [VIP, SECOND, THIRD, LINK_LOCAL] = ["10.9.0.201", "10.9.0.202", "10.9.0.203", "fe80::201"];
for (const family of ["-4", "-6"]) pair.here.run(`ip ${family} address flush dev ${HERE.device}`);
for (const own of [`${VIP}/24`, `${LINK_LOCAL}/64`]) {
  pair.here.run(`ip address add ${own} dev ${HERE.device}`);
}
const before = pair.here.run("ip -o address show");

const OWNER = { vrid: 1, priority: 255, vips: [`${VIP}/24`] };
const BACKUP = { vrid: 1, priority: 100, vips: [`${VIP}/24`], interface: THERE.device };
const LOST = "ip address del 10.9.0.201/24 dev there0";

async function dies(owner: Duet): Promise<void> {
  killAtOnce(owner);
  await owner.ended;
}

/** It may be left by a keepalived that was killed. */
function clean(t: Teardown): void {
  t.teardown(() => void (holds(pair.there, VIP) && pair.there.run(LOST)));
}

test.serial("keepalived takes over from an owner that dies or stops", async (t) => {
  clean(t);
  const text = instanceText(OWNER);
  const owner = await startDuet(t, text);
  await owner.becomes("MASTER");
  // What `duet check` says of it; without this a kernel takes the owner that comes back for forged.
  pair.there.run(`sysctl -qw net.ipv4.conf.${THERE.device}.accept_local=1`);
  t.teardown(() => void pair.there.run(`sysctl -qw net.ipv4.conf.${THERE.device}.accept_local=0`));
  const peer = await startKeepalived(
    t,
    pair.there,
    keepalivedInstance({ ...BACKUP, version: 3, advertS: 0.1 }),
  );
  await peer.becomes("BACKUP");
  await dies(owner);
  await peer.becomes("MASTER");
  t.is(pair.here.run("ip -o address show"), before);
  const again = await startDuet(t, text, { runDir: owner.runDir });
  await again.becomes("MASTER");
  await peer.becomes("BACKUP");
  t.false(holds(pair.there, VIP));
  again.signal("SIGTERM");
  t.is(await again.ended, 0);
  await peer.becomes("MASTER");
  t.is(pair.here.run("ip -o address show"), before);
});

test.serial("a backup that has the address gives it up when the owner is back", async (t) => {
  clean(t);
  const owner = await startDuet(t, instanceText(OWNER));
  await owner.becomes("MASTER");
  const backup = await startDuet(t, instanceText(BACKUP), { place: pair.there });
  t.is((await backup.becomes("BACKUP")).master?.address, VIP);
  await dies(owner);
  await backup.becomes("MASTER");
  const again = await startDuet(t, instanceText(OWNER), { runDir: owner.runDir });
  t.is((await backup.becomes("BACKUP")).cause, "higher_priority_advert");
  await eventually("the address is gone", () => !holds(pair.there, VIP));
  t.is((await again.instance()).counters.released_master, 0);
});

test.serial(
  "also a backup that has never heard the owner: it is found by its answers",
  async (t) => {
    clean(t);
    const backup = await startDuet(t, instanceText(BACKUP), { place: pair.there });
    await backup.becomes("MASTER");
    const owner = await startDuet(t, instanceText(OWNER));
    await owner.becomes("MASTER");
    t.is((await backup.becomes("BACKUP")).cause, "higher_priority_advert");
  },
);

test.serial("a reload takes the priority from it only when another address is there", async (t) => {
  const owner = await startDuet(t, instanceText(OWNER));
  await owner.becomes("MASTER");
  const reload = async () => duetCommand(["reload", "--run-dir", owner.runDir]);
  owner.write(instanceText({ ...OWNER, priority: 100 }));
  const { code, output } = await reload();
  t.is(code, 1);
  t.regex(output, /Cannot use 10\.9\.0\.201 as virtual: here0 of this machine has no other IPv4/);
  t.is((await owner.instance()).state, "MASTER");
  pair.here.run(`ip address add ${HERE.address}/24 dev ${HERE.device}`);
  t.is((await reload()).code, 0);
  await eventually("priority 100", async () => (await owner.instance()).priority === 100);
  owner.write(instanceText(OWNER));
  t.is((await reload()).code, 0);
  await owner.becomes("MASTER");
  pair.here.run(`ip address del ${HERE.address}/24 dev ${HERE.device}`);
  await eventually(
    "it speaks on from its own",
    async () => (await owner.instance()).master?.address === VIP,
  );
  t.is(pair.here.run("ip -o address show"), before);
});

test.serial("version 2 with a password, peers, IPv6: each from its own address", async (t) => {
  pair.here.run(`ip -4 address flush dev ${HERE.device}`);
  for (const own of [SECOND, THIRD]) pair.here.run(`ip address add ${own}/24 dev ${HERE.device}`);
  const machine = pair.here.run("ip -o address show");
  const auth = ["auth_type = PASS", "auth_pass = secret"];
  const text = (device: string, priority: number, peer: string): string =>
    [
      { name: "TWO", vrid: 2, version: 2, advertS: 1, vips: [`${SECOND}/24`], more: auth } as const,
      { name: "PEER", vrid: 3, vips: [`${THIRD}/24`], more: [`unicast_peer[] = ${peer}`] },
      { name: "SIX", vrid: 4, vips: [`${LINK_LOCAL}/64`] },
    ]
      .map((each) => instanceText({ ...each, interface: device, priority }))
      .join("");
  const owner = await startDuet(t, text(HERE.device, 255, THERE.address));
  const backup = await startDuet(t, text(THERE.device, 100, SECOND), { place: pair.there });
  const masters = { TWO: SECOND, PEER: SECOND, SIX: LINK_LOCAL };
  for (const [name, address] of Object.entries(masters)) {
    await owner.becomes("MASTER", name);
    await eventually(
      `${name} hears it`,
      async () => (await backup.instance(name)).master?.address === address,
    );
    t.is((await backup.instance(name)).state, "BACKUP");
  }
  await dies(owner);
  for (const name of Object.keys(masters)) await backup.becomes("MASTER", name);
  t.is(pair.here.run("ip -o address show"), machine);
  const again = await startDuet(t, text(HERE.device, 255, THERE.address), { runDir: owner.runDir });
  for (const name of Object.keys(masters)) {
    await again.becomes("MASTER", name);
    t.is((await backup.becomes("BACKUP", name)).cause, "higher_priority_advert");
  }
});
