// All processes of a master are stopped or killed at once: its kernel is silent before a backup takes over, as a client sees it
// that asks again and again who has the addresses (law 1).

import test from "ava";
import { HERE, instanceText, THERE } from "../helpers/daemon-pair.ts";
import { wallMs } from "../helpers/daemon-place.ts";
import { duetCommand, killAtOnce, killQuietly, startDuet } from "../helpers/duet.ts";
import { openSegment } from "../helpers/segment.ts";
import { type HeardAnswer, type Sniffer, sniff } from "../helpers/sniff.ts";
import { eventually } from "../helpers/wait.ts";

const segment = await openSegment({ ipv6: true });
test.after.always("the segment goes", () => segment.close());

const [VIP4, VIP6] = ["10.9.0.101", "2001:db8::101"];
const ADDRESSES = [VIP4, VIP6];
const NFT = "/usr/sbin/nft";

test.serial("the old owner is silent before the new one answers", async (t) => {
  segment.client.run("ip address add 2001:db8::9/64 dev eth0");
  const vips = [`${VIP4}/24`];
  const more = [`virtual_ipaddress_excluded[] = ${VIP6}/64`, "nopreempt = yes"];
  const common = { vrid: 1, vips, more };
  const left = await startDuet(t, instanceText({ ...common, priority: 200 }));
  await left.becomes("MASTER");
  // The earliest that can take over.
  const there = { interface: THERE.device, priority: 254 };
  const right = await startDuet(t, instanceText({ ...common, ...there }), { place: segment.there });
  await eventually("it is heard", async () => (await right.instance()).master !== null);
  const [leftMac, rightMac] = [macOf("here", HERE.device), macOf("there", THERE.device)];

  const wire = await sniff(t, segment.client, "eth0");
  const words = ["build/test/helpers/owner-asker.js", "eth0", "10.9.0.9", "2001:db8::9", "5"];
  const asker = segment.client.spawn(process.execPath, [...words, ...ADDRESSES]);
  t.teardown(() => void asker.kill("SIGKILL"));
  await answersOf(wire, leftMac);

  for (const pid of left.living()) killQuietly(pid, "SIGSTOP");
  t.teardown(() => {
    for (const pid of left.living()) killQuietly(pid, "SIGCONT");
  });
  await right.becomes("MASTER");
  await answersOf(wire, rightMac);
  for (const address of ADDRESSES) {
    const { last, first } = handedOver(wire, address, leftMac, rightMac);
    t.log(`SIGSTOP: ${address}: ${(first - last).toFixed(1)} ms without an answer`);
    t.true(last < first, `${address} has one owner`);
  }

  const { counters } = await right.instance();
  const resumedMs = wallMs();
  for (const pid of left.living()) killQuietly(pid, "SIGCONT");
  await left.said({ msg: "state changed", to: "BACKUP", cause: "stalled" });
  await eventually("it hears the other one", async () => {
    return (await left.instance()).counters.adverts_received > 20;
  });
  t.is((await left.instance()).state, "BACKUP");
  const own = wire.adverts({ source: HERE.address }).filter(({ atMs }) => atMs > resumedMs);
  t.deepEqual(own, []);
  t.is((await right.instance()).counters.became_master, counters.became_master);

  killAtOnce(right);
  await left.becomes("MASTER");
  const killedMs = wallMs();
  await eventually("it answers", () =>
    ADDRESSES.every((address) =>
      wire.answers(address).some(({ atMs, mac }) => mac === leftMac && atMs > killedMs),
    ),
  );
  for (const address of ADDRESSES) {
    const afterwards = wire.answers(address).filter(({ atMs }) => atMs > resumedMs);
    const last = afterwards.findLast(({ mac }) => mac === rightMac)?.atMs ?? Infinity;
    const first = afterwards.find(({ mac }) => mac === leftMac)?.atMs ?? -Infinity;
    t.log(`SIGKILL: ${address}: ${(first - last).toFixed(1)} ms without an answer`);
    t.true(last < first, `${address} has one owner`);
  }
  const released = await duetCommand(["release", "--run-dir", right.runDir], segment.there);
  t.log(released.output);
  t.is(segment.there.run(`${NFT} list ruleset`), "");
});

function macOf(where: "here" | "there", device: string): string {
  const printed = segment[where].run(`ip -o link show dev ${device}`);
  return /link\/ether (\S+)/.exec(printed)?.[1] ?? "";
}

async function answersOf(wire: Sniffer, mac: string): Promise<void> {
  await eventually(`answers of ${mac}`, () =>
    ADDRESSES.every((address) => wire.answers(address).some((each) => each.mac === mac)),
  );
}

function handedOver(
  wire: Sniffer,
  address: string,
  from: string,
  to: string,
): { readonly last: number; readonly first: number } {
  const answers: readonly HeardAnswer[] = wire.answers(address);
  const last = answers.findLast(({ mac }) => mac === from)?.atMs ?? Infinity;
  const first = answers.find(({ mac }) => mac === to)?.atMs ?? -Infinity;
  return { last, first };
}
