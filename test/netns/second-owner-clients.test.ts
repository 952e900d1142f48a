// Asking who else has an address teaches nobody anything: clients stay with the master, also while a second owner answers.

import test from "ava";
import { HERE, instanceText, THERE } from "../helpers/daemon-pair.ts";
import { startDuet } from "../helpers/duet.ts";
import { ip } from "../helpers/netns.ts";
import { openSegment } from "../helpers/segment.ts";
import { eventually } from "../helpers/wait.ts";

const segment = await openSegment({ ipv6: true });
test.after.always("the segment goes", () => segment.close());

for (const [family, vrid, vip, clientAddress, vips] of [
  ["IPv4", 1, "10.9.0.101/24", "10.9.0.8/24", []],
  ["IPv6", 2, "2001:db8::102/64", "2001:db8::9/64", ["fe80::2:2/64"]],
] as const) {
  test.serial(`${family}: who asks moves no client to the second owner`, async (t) => {
    const [address = ""] = vip.split("/");
    segment.client.run(`ip address add ${clientAddress} dev eth0`);
    const duet = await startDuet(t, instanceText({ vrid, priority: 100, vips: [...vips, vip] }));
    await duet.becomes("MASTER");
    await eventually("the client reaches it", () => segment.reaches(address));
    const mac = /link\/ether (\S+)/.exec(ip(`link show dev ${HERE.device}`))?.[1];
    t.is(segment.macSeen(address), mac);

    const how = family === "IPv6" ? " nodad" : "";
    segment.there.run(`ip address add ${vip} dev ${THERE.device}${how}`);
    await duet.said({ msg: "degraded", kind: "second_address_owner", subject: "VI" });
    t.is(segment.macSeen(address), mac);
    t.true(segment.reaches(address));
    t.is(segment.macSeen(address), mac);
  });
}
