// Rules about the family of an instance and the way of its adverts.

import { familyOfInstance } from "./adverts.ts";
import { type Draft, isGiven, lineOf, type Section } from "./draft.ts";
import { checksSource, familyIn, versionOf } from "./effective.ts";
import type { Report } from "./validate.ts";

type Instance = Section<"vrrp_instance">;

/** What fits into one packet of 1500 bytes: 40 of the IPv6 header, 8 of VRRP, 16 each. */
const INET6_ADDRESSES_MAX = 90;

export function judgeAdverts(draft: Draft, report: Report): void {
  judgeUniqueVrids(draft, report);
  for (const instance of draft.vrrp_instance) {
    judgeFamily(instance, draft, report);
    judgeSources(instance, report);
    judgePeers(instance, report);
  }
}

function judgeFamily(instance: Instance, draft: Draft, report: Report): void {
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
  if (versionOf(instance, draft) === 2) {
    report(
      lineOf(instance, "version"),
      "Cannot use version 2 with IPv6 addresses: it must be 3 (RFC 5798)",
    );
  }
  const tooMany = values.virtual_ipaddress[INET6_ADDRESSES_MAX];
  if (tooMany !== undefined) {
    report(
      tooMany.line,
      `Cannot tell ${values.virtual_ipaddress.length} IPv6 addresses in one advert: an instance holds up to ${INET6_ADDRESSES_MAX}`,
    );
  }
  const [first] = values.virtual_ipaddress;
  if (first !== undefined && !/^fe[89ab]/.test(first.value.address)) {
    report(
      first.line,
      `The first IPv6 address of [${title}] is not link-local: RFC 5798 §5.2.9 wants one such as fe80::1 there, for routers' advertisements`,
      "warning",
    );
  }
}

function judgeSources(instance: Instance, report: Report): void {
  const { unicast_src_ip, mcast_src_ip, unicast_peer, virtual_ipaddress } = instance.values;
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
  if (unicast_src_ip !== undefined && !isGiven(instance, "unicast_peer")) {
    report(
      lineOf(instance, "unicast_src_ip"),
      "Cannot use unicast_src_ip without unicast_peer[]: adverts would go to the multicast group (mcast_src_ip is their source)",
    );
  }
  if (unicast_peer.length > 0 && mcast_src_ip !== undefined) {
    report(
      lineOf(instance, "mcast_src_ip"),
      "mcast_src_ip is ignored with unicast_peer[]",
      "warning",
    );
  }
  if (isGiven(instance, "unicast_ttl") && !isGiven(instance, "unicast_peer")) {
    report(
      lineOf(instance, "unicast_ttl"),
      "unicast_ttl is ignored without unicast_peer[]",
      "warning",
    );
  }
}

function judgePeers(instance: Instance, report: Report): void {
  const { unicast_peer, unicast_src_ip } = instance.values;
  const family = familyOfInstance(instance);
  const seen = new Map<string, number>();
  for (const { value, line } of unicast_peer) {
    const { address } = value;
    const before = seen.get(address);
    seen.set(address, before ?? line);
    const wrong =
      familyIn(address) !== family
        ? `the instance is IPv${family}`
        : before !== undefined
          ? `line ${before} has it already`
          : address === unicast_src_ip
            ? "it is this node's own unicast_src_ip"
            : family === 6 && unicast_src_ip === undefined && !/^fe[89ab]/.test(address)
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
    familyOfInstance(a) === familyOfInstance(b);
  const [ours, theirs] = [a, b].map(({ values }) => values.unicast_peer.map(({ value }) => value));
  if (!same || ours === undefined || theirs === undefined) return false;
  if (ours.length === 0 || theirs.length === 0) return ours.length === theirs.length;
  // Who hears strangers takes the adverts of the other's peers too.
  const deaf = [a, b].every((each) => checksSource(each, draft));
  return !deaf || ours.some(({ address }) => theirs.some((peer) => peer.address === address));
}
