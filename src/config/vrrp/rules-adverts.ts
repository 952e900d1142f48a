// Rules about the family of an instance and the way of its adverts.

import { familyIn } from "../schema/addresses.ts";
import type { Report } from "../schema/lines.ts";
import { type Draft, isGiven, lineOf, type Section } from "../schema/section.ts";
import { groupOf } from "./adverts.ts";
import { familyOfInstance, heldLinesOf, isUnicast, priorityOf, versionOf } from "./effective.ts";
import { isLinkLocal } from "./strict.ts";

type Instance = Section<"vrrp_instance">;

export function judgeAdverts(draft: Draft, report: Report): void {
  judgeUniqueVrids(draft, report);
  for (const instance of draft.vrrp_instance) {
    judgeFamily(instance, report);
    judgeSources(instance, report);
    judgeVrf(instance, report);
    judgePeers(instance, report);
    judgeIdle(instance, report);
    judgeEmpty(instance, report);
  }
  const { global } = draft;
  if (global.values.dynamic_interfaces !== "no") return;
  report(
    lineOf(global, "dynamic_interfaces"),
    "Cannot keep dynamic_interfaces = no, it is ignored: an instance waits for its interface in FAULT",
    "warning",
  );
}

function judgeFamily(instance: Instance, report: Report): void {
  const { title, values } = instance;
  const family = familyOfInstance(instance);
  const other = values.virtual_ipaddress.find(({ value }) => familyIn(value.address) !== family);
  if (other !== undefined) {
    report(
      other.line,
      `Cannot use virtual_ipaddress ${other.value.address} in [${title}]: its first address is IPv${family}, and an advert tells addresses of one family (use a second instance, and a sync group of both)`,
    );
  }
  if (family === 4) return;
  if (versionOf(instance) === 2) {
    report(
      lineOf(instance, "version"),
      "Cannot use version 2 with IPv6 addresses: it must be 3 (RFC 5798)",
    );
  }
  const [first] = values.virtual_ipaddress;
  if (first !== undefined && !isLinkLocal(first.value.address) && !instance.values.strict_mode) {
    report(
      first.line,
      `The first IPv6 address of [${title}] is not link-local: RFC 5798 §5.2.9 wants one such as fe80::1 there, for routers' advertisements`,
      "warning",
    );
  }
}

function judgeSources(instance: Instance, report: Report): void {
  const { unicast_src_ip, mcast_src_ip, virtual_ipaddress } = instance.values;
  const family = familyOfInstance(instance);
  for (const [key, source] of [
    ["unicast_src_ip", unicast_src_ip],
    ["mcast_src_ip", mcast_src_ip],
  ] as const) {
    if (source === undefined) continue;
    if (familyIn(source) !== family) {
      report(lineOf(instance, key), `Cannot use ${key} ${source}: the instance is IPv${family}`);
    } else if (virtual_ipaddress.some(({ value }) => value.address === source)) {
      report(
        lineOf(instance, key),
        `Cannot use ${key} ${source}: it is a virtual address, which a backup does not have`,
      );
    }
  }
  const { mcast_dst_ip } = instance.values;
  if (mcast_dst_ip !== undefined && familyIn(mcast_dst_ip) !== family) {
    report(
      lineOf(instance, "mcast_dst_ip"),
      `Cannot use mcast_dst_ip ${mcast_dst_ip}: the instance is IPv${family}`,
    );
  }
}

/** A VRF is routed by, and is on no link itself. */
function judgeVrf(instance: Instance, report: Report): void {
  const { vrf, unicast_src_ip: source = "" } = instance.values;
  if (vrf === undefined) return;
  if (isLinkLocal(source)) {
    report(
      lineOf(instance, "unicast_src_ip"),
      `Cannot use unicast_src_ip ${source} with vrf: a link-local address is one of a link, and any may be taken (write another address, or interface in place of vrf)`,
    );
  }
  for (const { value, line } of heldLinesOf(instance)) {
    if (value.dev !== null) continue;
    report(
      line,
      `Cannot use ${value.address} without "dev IF" where vrf ${vrf} stands for the interface: it must say which one it is on`,
    );
  }
}

/** What is written and cannot do anything here. */
function judgeIdle(instance: Instance, report: Report): void {
  const { v3_checksum_as_v2, owner_ignore_adverts, track_src_ip } = instance.values;
  const idle = (key: Parameters<typeof isGiven<"vrrp_instance">>[1], why: string): void => {
    report(lineOf(instance, key), `Cannot make use of ${key}: ${why}`, "warning");
  };
  const isWritten = isGiven(instance, "v3_checksum_as_v2") && v3_checksum_as_v2;
  if (isWritten && versionOf(instance) === 2) {
    idle("v3_checksum_as_v2", "version 2 has no other checksum");
  } else if (isWritten && familyOfInstance(instance) === 6) {
    idle("v3_checksum_as_v2", "over IPv6 the pseudo-header always counts (RFC 8200)");
  }
  const isIgnoring = isGiven(instance, "owner_ignore_adverts") && owner_ignore_adverts;
  if (isIgnoring && priorityOf(instance) !== 255 && !instance.values.strict_mode) {
    idle("owner_ignore_adverts", "only priority 255 is the owner of the addresses");
  }
  if (!track_src_ip) {
    idle("track_src_ip", "without its source address an instance is in FAULT always");
  }
}

function judgeEmpty(instance: Instance, report: Report): void {
  const { no_virtual_ipaddress } = instance.values;
  if (isGiven(instance, "virtual_ipaddress") || no_virtual_ipaddress) return;
  report(
    instance.line,
    `Cannot use [${instance.title}] without virtual_ipaddress: add a line such as "virtual_ipaddress[] = 172.17.253.110/24 dev eth0 label eth0:1", or no_virtual_ipaddress = yes where somebody else moves the addresses`,
  );
}

function judgePeers(instance: Instance, report: Report): void {
  const { unicast_peer, unicast_src_ip } = instance.values;
  const family = familyOfInstance(instance);
  for (const { value, line } of unicast_peer) {
    const { address } = value;
    const wrong =
      familyIn(address) !== family
        ? `the instance is IPv${family}`
        : address === unicast_src_ip
          ? "it is this node's own unicast_src_ip"
          : family === 6 && unicast_src_ip === undefined && !isLinkLocal(address)
            ? "from a link-local source it cannot be reached, add unicast_src_ip"
            : undefined;
    if (wrong !== undefined) report(line, `Cannot use unicast_peer ${address}: ${wrong}`);
  }
}

/** One vrid may serve several groups of peers, the multicast group being one of them. */
function judgeUniqueVrids(draft: Draft, report: Report): void {
  const owners: Instance[] = [];
  for (const instance of draft.vrrp_instance) {
    const { interface: name, virtual_router_id: vrid } = instance.values;
    if (name === undefined || vrid === undefined) continue;
    const other = owners.find((each) => collide(each, instance, draft));
    owners.push(instance);
    if (other === undefined) continue;
    report(
      lineOf(instance, "virtual_router_id"),
      `Cannot use virtual_router_id ${vrid} on ${name} twice: [${other.title}] (line ${other.line}) has it already`,
    );
  }
}

function collide(a: Instance, b: Instance, draft: Draft): boolean {
  const same =
    a.values.interface === b.values.interface &&
    a.values.virtual_router_id === b.values.virtual_router_id &&
    familyOfInstance(a) === familyOfInstance(b) &&
    groupOf(a, draft) === groupOf(b, draft);
  const [ours, theirs] = [a, b].map(({ values }) => values.unicast_peer.map(({ value }) => value));
  if (!same || ours === undefined || theirs === undefined) return false;
  if (!isUnicast(a) || !isUnicast(b)) return isUnicast(a) === isUnicast(b);
  // An instance that hears strangers takes the adverts of the other one's peers too.
  const deaf = [a, b].every((each) => each.values.check_unicast_src);
  return !deaf || ours.some(({ address }) => theirs.some((peer) => peer.address === address));
}
