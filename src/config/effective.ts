// What a key comes to when it depends on others: used by the rules (validate.ts) and by build.ts alike,
// so that what is judged is what is run.

import type { Protocol, ServiceKey } from "../ipvs/model.ts";
import type { Version } from "../vrrp/model.ts";
import type { GroupMember, LvsMethod } from "./schema/row.ts";
import { type Draft, isGiven, type Section } from "./schema/section.ts";

export function versionOf(instance: Section<"vrrp_instance">): Version {
  // Version 2 has no IPv6: a default does not decide against it, as in keepalived.
  const inet6 = familyOfInstance(instance) === 6;
  return instance.values.version === "3" || (inet6 && !isGiven(instance, "version")) ? 3 : 2;
}

/** RFC 5798 §5.2.9: an advert holds addresses of one family, which is that of its packet. */
export function familyOfInstance({ values }: Section<"vrrp_instance">): 4 | 6 {
  const first =
    values.virtual_ipaddress[0]?.value.address ??
    values.unicast_src_ip ??
    values.mcast_src_ip ??
    values.mcast_dst_ip ??
    values.unicast_peer[0]?.value.address;
  return familyIn(first ?? "");
}

export function isUnicast({ values }: Section<"vrrp_instance">): boolean {
  return values.unicast_peer.length > 0 || values.unicast_fault_no_peer;
}

/** keepalived: MASTER without a priority means the address owner. */
export function priorityOf(instance: Section<"vrrp_instance">): number {
  const { priority, state } = instance.values;
  if (priority !== undefined) return priority;
  return state === "MASTER" && !isGiven(instance, "priority") ? 255 : 100;
}

export function wantsNoPreempt(instance: Section<"vrrp_instance">): boolean {
  const { nopreempt, preempt } = instance.values;
  return nopreempt ?? preempt === false;
}

/** keepalived: MASTER clears nopreempt, and an owner always preempts (RFC 5798 §6.1). */
export function preempts(instance: Section<"vrrp_instance">): boolean {
  const clears = instance.values.state === "MASTER" || priorityOf(instance) === 255;
  return clears || !wantsNoPreempt(instance);
}

/** keepalived: MASTER clears preempt_delay, and where nobody preempts there is nothing to delay. */
export function preemptDelayMsOf(instance: Section<"vrrp_instance">): number {
  const clears = instance.values.state === "MASTER" || !preempts(instance);
  return clears ? 0 : instance.values.preempt_delay;
}

/** The sync group that an instance is in. */
export function syncGroupOf(
  { labels }: Section<"vrrp_instance">,
  draft: Draft,
): Section<"vrrp_sync_group"> | undefined {
  return draft.vrrp_sync_group.find(({ values }) =>
    values.group.some(({ value }) => value === labels[0]),
  );
}

/** The owner of the addresses always is (RFC 5798 §6.4.3 (650)). */
export function accepts(instance: Section<"vrrp_instance">): boolean {
  const { accept, no_accept } = instance.values;
  return priorityOf(instance) === 255 || (accept ?? no_accept !== true);
}

export type Servers = readonly Section<"real_server">[];

/** Virtual server's name -> its real servers, in the order of the file. */
export function serversByService(draft: Draft): ReadonlyMap<string, Servers> {
  const groups = new Map<string, Section<"real_server">[]>();
  for (const server of draft.real_server) {
    const name = server.labels[0] ?? "";
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [server]);
    else group.push(server);
  }
  return groups;
}

/** undefined = neither an address with a protocol, nor a mark, nor a group: a problem that the rules report. */
export function serviceKeysOf(
  service: Section<"virtual_server">,
  servers: Servers,
  draft: Draft,
): readonly ServiceKey[] | undefined {
  const { address, fwmark, protocol, ip_family } = service.values;
  const markFamily = ip_family === undefined ? familyOfMark(service, servers) : families[ip_family];
  if (fwmark !== undefined) return [{ kind: "fwmark", fwmark, family: markFamily }];
  const group = groupSectionOf(service, draft);
  if (group !== undefined) {
    return group.values.member.flatMap(({ value }) => memberKeys(value, protocol, markFamily));
  }
  if (address === undefined || protocol === undefined) return undefined;
  return [{ kind: "address", protocol, address: address.address, port: address.port ?? 0 }];
}

const families = { inet: 4, inet6: 6 } as const;

/** The members that have no problem of their own. */
function memberKeys(
  member: GroupMember,
  protocol: Protocol | undefined,
  markFamily: 4 | 6,
): readonly ServiceKey[] {
  if (member.kind === "fwmark") {
    return [{ kind: "fwmark", fwmark: member.fwmark, family: member.family ?? markFamily }];
  }
  if (protocol === undefined) return [];
  const port = member.port ?? 0;
  return member.addresses.map((address) => ({ kind: "address", protocol, address, port }));
}

export function groupSectionOf(
  service: Section<"virtual_server">,
  draft: Draft,
): Section<"virtual_server_group"> | undefined {
  const { group } = service.values;
  return draft.virtual_server_group.find(({ labels }) => labels[0] === group);
}

export function familyIn(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}

export function sorryMethodOf({ values }: Section<"virtual_server">): LvsMethod {
  return values.sorry_server_lvs_method ?? values.lb_kind;
}

/** The port a real server is reached at: its own, or else the one of the service (0 with a mark or a group). */
export function portOf(written: number | null, service: Section<"virtual_server">): number {
  return written ?? service.values.address?.port ?? 0;
}

/** Only NAT rewrites a port: with DR and TUN a packet arrives at the port of the service, whatever is written. */
export function serverPortOf(
  server: Section<"real_server">,
  service: Section<"virtual_server">,
): number {
  const written = server.values.address?.port ?? null;
  const isFixed = server.values.lb_kind.forward !== "NAT" && service.values.address !== undefined;
  return portOf(isFixed ? null : written, service);
}

/** As keepalived: there is no quorum of 0, and the hysteresis is less than the quorum. */
export function quorumOf({ values }: Section<"virtual_server">): {
  readonly quorum: number;
  readonly hysteresis: number;
} {
  const quorum = Math.max(1, values.quorum);
  return { quorum, hysteresis: Math.min(values.hysteresis, quorum - 1) };
}

/** A mark has no address family of its own: it takes that of what is marked, or of what stands behind it. */
function familyOfMark(service: Section<"virtual_server">, servers: Servers): 4 | 6 {
  const marked = service.values.mark[0]?.value.address;
  if (marked !== undefined) return familyIn(marked);
  const behind = servers[0]?.values.address ?? service.values.sorry_server;
  return behind === undefined ? 4 : familyIn(behind.address);
}
