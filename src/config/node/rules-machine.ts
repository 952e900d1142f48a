// What the file says about the machine that it is read on: interfaces, links and directories that are not there. Warnings, for
// they may come later and the file may be written elsewhere; but what is on the loopback interface can never work.

import { dirname } from "node:path";
import { PRIORITY_OWNER } from "../../vrrp/model.ts";
import { familyIn } from "../schema/addresses.ts";
import type { Report } from "../schema/lines.ts";
import type { AddressLine, Located } from "../schema/row.ts";
import { type Draft, lineOf, type Section } from "../schema/section.ts";
import type { Surroundings } from "../surroundings.ts";
import { addressLinksOf } from "../vrrp/address-links.ts";
import { familyOfInstance, heldLinesOf, isUnicast, priorityOf } from "../vrrp/effective.ts";
import { virtualLinkOf } from "../vrrp/virtual-link.ts";

type Instance = Section<"vrrp_instance">;

// netdevice(7)
const IFF_LOOPBACK = 0x8;
export const IFF_MULTICAST = 0x1000;
// IFF_NOARP | IFF_MASTER, which drivers/net/vrf.c gives to each.
const VRF_FLAGS = 0x480;
/** Of one that nobody can look at. */
export const ANY_DEVICE_FLAGS = IFF_MULTICAST | VRF_FLAGS;

export function judgeMachine(draft: Draft, surroundings: Surroundings, report: Report): void {
  for (const instance of draft.vrrp_instance) {
    judgeLoopback(instance, surroundings, report);
    judgeVrf(instance, surroundings, report);
    judgeSource(instance, draft, surroundings, report);
    judgePromotion(instance, draft, surroundings, report);
  }
  judgeDevices(draft, surroundings, report);
  judgeDirectories(draft, surroundings, report);
}

/** Adverts on it reach nobody, so that every node there is would be the master. */
function judgeLoopback(instance: Instance, { deviceFlags }: Surroundings, report: Report): void {
  const { interface: device } = instance.values;
  if (device === undefined) return;
  if (device !== "lo" && ((deviceFlags(device) ?? 0) & IFF_LOOPBACK) === 0) return;
  report(
    lineOf(instance, "interface"),
    `Cannot use interface ${device}: it must be one that reaches the other director, and loopback reaches nobody (addresses may be on it: "dev ${device}")`,
  );
}

function judgeVrf(instance: Instance, { deviceFlags }: Surroundings, report: Report): void {
  const { vrf = "" } = instance.values;
  const flags = deviceFlags(vrf);
  if (vrf === "" || flags === null || (flags & VRF_FLAGS) === VRF_FLAGS) return;
  report(
    lineOf(instance, "vrf"),
    `Cannot use vrf ${vrf}: it is no VRF on this machine (write interface = ${vrf} where adverts leave by it)`,
  );
}

/**
 * A virtual address is no source of adverts: whoever is not the master does not have it. One that is an owner's here is the
 * machine's own, master or not.
 */
function judgeSource(
  instance: Instance,
  draft: Draft,
  { addressesOn }: Surroundings,
  report: Report,
): void {
  const { interface: device, unicast_src_ip, mcast_src_ip } = instance.values;
  if (device === undefined || (unicast_src_ip ?? mcast_src_ip) !== undefined) return;
  const family = familyOfInstance(instance);
  // RFC 5798 §5.1.2.1: in IPv6 it is a link-local address.
  const sources = addressesOn(device).filter(
    (each) => familyIn(each) === family && (family === 4 || /^fe[89ab]/.test(each)),
  );
  const lines = draft.vrrp_instance.flatMap(heldLinesOf);
  const found = lines.filter(({ value }) => sources.includes(value.address));
  const virtual = new Set(found.map(({ value }) => value.address));
  const [first] = found;
  if (first === undefined || sources.some((each) => !virtual.has(each))) return;
  const owners = draft.vrrp_instance.filter((each) => priorityOf(each) === PRIORITY_OWNER);
  const owned = owners.flatMap(heldLinesOf).find(({ value }) => virtual.has(value.address));
  if (owned !== undefined) {
    // IPv6 takes no source for forged.
    if (family === 6) return;
    report(
      owned.line,
      `The adverts of [${instance.title}] leave from ${owned.value.address}, for ${device} has no other address: a backup on Linux that holds it takes them for forged when this owner comes back, and stays MASTER beside it (duet hears them; keepalived does not, without accept_local = 1; give ${device} another address)`,
      "warning",
    );
    return;
  }
  report(
    first.line,
    `Cannot use ${[...virtual].join(", ")} as virtual: ${device} of this machine has no other IPv${family} address, and the adverts of [${instance.title}] need a source that stays when another node is master (give ${device} one of its own)`,
  );
}

type Named = { readonly name: string; readonly line: number; readonly effect: string };

const TRACKED = "it counts as down until it is";

function judgeDevices(draft: Draft, { deviceFlags }: Surroundings, report: Report): void {
  const made = new Set(
    draft.vrrp_instance.flatMap((each) => [
      virtualLinkOf(each, draft)?.name,
      ...addressLinksOf(each, draft).map(({ name }) => name),
    ]),
  );
  const told = new Set<string>();
  for (const { name, line, effect } of devicesOf(draft)) {
    if (told.has(name) || made.has(name) || deviceFlags(name) !== null) continue;
    told.add(name);
    report(line, `There is no interface ${name} on this machine: ${effect}`, "warning");
  }
}

function devicesOf(draft: Draft): readonly Named[] {
  return [
    ...draft.vrrp_instance.flatMap((instance) => {
      const { interface: name, vrf } = instance.values;
      const key = vrf === undefined ? "interface" : "vrf";
      const effect = `[${instance.title}] is in FAULT until it comes`;
      return [
        ...(name === undefined ? [] : [{ name, line: lineOf(instance, key), effect }]),
        ...devicesOfLines(heldLinesOf(instance)),
      ];
    }),
    ...[...draft.vrrp_instance, ...draft.vrrp_sync_group].flatMap(({ values }) =>
      values.track_interface.map(({ value: { name }, line }) => ({ name, line, effect: TRACKED })),
    ),
    ...devicesOfLines(draft.global.values.static_ipaddress),
    ...draft.interface.map(({ labels: [name = ""], line }) => ({
      name,
      line,
      effect: "the section says nothing until it comes",
    })),
    ...draft.garp_group.flatMap(({ values }) =>
      values.interface.map(({ value: name, line }) => ({
        name,
        line,
        effect: "nothing is paced on it until it comes",
      })),
    ),
    ...draft.check.flatMap((check) => {
      const { bind_interface: name } = check.values;
      const effect = `[${check.title}] fails until it comes`;
      return name === undefined ? [] : [{ name, line: lineOf(check, "bind_interface"), effect }];
    }),
  ];
}

function devicesOfLines(lines: readonly Located<AddressLine>[]): readonly Named[] {
  return lines.flatMap(({ value: { address, dev }, line }) =>
    dev === null ? [] : [{ name: dev, line, effect: `${address} waits for it` }],
  );
}

/** The session has to be with the very address that the adverts of the other director come from. */
function judgePromotion(
  instance: Instance,
  draft: Draft,
  { isOnLink }: Surroundings,
  report: Report,
): void {
  const { bfd_promote: name, interface: device = "", unicast_peer } = instance.values;
  const session = draft.bfd_instance.find(({ labels }) => labels[0] === name);
  const neighbor = session?.values.neighbor_ip;
  if (name === undefined || neighbor === undefined) return;
  const family = familyOfInstance(instance);
  const peers = unicast_peer.map(({ value }) => value.address);
  const why =
    familyIn(neighbor) !== family
      ? `its neighbor_ip ${neighbor} is IPv${familyIn(neighbor)}, and adverts come by IPv${family}`
      : isUnicast(instance)
        ? !peers.includes(neighbor) &&
          `its neighbor_ip ${neighbor} is no unicast_peer, and adverts come from ${peers.join(", ")}`
        : isOnLink(device, neighbor) === false &&
          `its neighbor_ip ${neighbor} is in no network of ${device}, where adverts come from`;
  if (why === false) return;
  report(
    lineOf(instance, "bfd_promote"),
    `bfd_promote ${name} has no effect: ${why} (it must be the address that the other director's adverts come from)`,
    "warning",
  );
}

/** What is to be written into, or looked into. */
function judgeDirectories(draft: Draft, { directoryProblem }: Surroundings, report: Report): void {
  const { global } = draft;
  const services = draft.virtual_server.map((service) => ({
    path: service.values.monitor_file && dirname(service.values.monitor_file),
    line: lineOf(service, "monitor_file"),
    effect: "monitor_file cannot be written",
  }));
  const maintenance = {
    path: global.values.maintenance_dir,
    line: lineOf(global, "maintenance_dir"),
    effect: "maintenance_dir takes nobody out until it is there",
  };
  for (const { path, line, effect } of [maintenance, ...services]) {
    const problem = path === undefined ? undefined : directoryProblem(path);
    if (problem === undefined) continue;
    report(line, `The directory ${path} is no good, ${problem}: ${effect}`, "warning");
  }
}
