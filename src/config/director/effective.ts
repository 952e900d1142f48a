// What keys of virtual and real servers come to when they depend on others: for the rules and for the builder alike.

import type { Protocol, ServiceKey } from "../../ipvs/model.ts";
import { familyIn } from "../schema/addresses.ts";
import type { GroupMember, LvsMethod } from "../schema/row.ts";
import type { Draft, Section } from "../schema/section.ts";

export type Servers = readonly Section<"real_server">[];

const known = new WeakMap<Draft, ReadonlyMap<string, Servers>>();

/** Virtual server's name -> its real servers, in the order of the file. */
export function serversByService(draft: Draft): ReadonlyMap<string, Servers> {
  const found = known.get(draft) ?? groupServers(draft);
  known.set(draft, found);
  return found;
}

function groupServers(draft: Draft): ReadonlyMap<string, Servers> {
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
