// The instances of a pair: which is which, and what of them must be the same on both nodes, or must differ.

import { few } from "../../lib/plain-text.ts";
import { PRIORITY_OWNER } from "../../vrrp/model.ts";
import type { VrrpInstanceConfig } from "../model.ts";
import { formatDuration } from "../schema/plain-types.ts";
import { isGiven, nameOf } from "../schema/section.ts";
import { judgeAddresses, judgeOwners } from "./addresses.ts";
import { judgeProofs } from "./auth.ts";
import {
  type Couple,
  type Equal,
  headOf,
  type Instance,
  instancesOf,
  judgeEqual,
  match,
  type Node,
  placeIn,
  placeText,
  type Tell,
} from "./node.ts";
import { judgePairWeights } from "./weights.ts";

const BOTH_MASTER = "each is deaf to the other, so both are MASTER";

const SAME: readonly Equal<"vrrp_instance", VrrpInstanceConfig>[] = [
  {
    key: "virtual_router_id",
    of: ({ vrrp }) => String(vrrp.vrid),
    severity: "error",
    why: `a virtual router has one number, ${BOTH_MASTER}`,
  },
  {
    key: "virtual_ipaddress",
    of: ({ way }) => `IPv${way.family}`,
    severity: "error",
    why: `an advert is of one family, ${BOTH_MASTER}`,
  },
  {
    key: "version",
    of: ({ vrrp }) => String(vrrp.version),
    severity: "error",
    why: `an advert of another version is rejected, ${BOTH_MASTER}`,
  },
  {
    key: "advert_int",
    of: ({ vrrp }) => (vrrp.version === 2 ? formatDuration(vrrp.advertIntervalMs) : null),
    severity: "error",
    why: `version 2 rejects an advert with another interval (RFC 3768 §7.1), ${BOTH_MASTER}`,
  },
  {
    key: "advert_int",
    of: ({ vrrp }) => (vrrp.version === 3 ? formatDuration(vrrp.advertIntervalMs) : null),
    severity: "warning",
    why: "how long a failover takes depends on who was MASTER",
  },
  {
    key: "mcast_dst_ip",
    of: ({ way }) => (isToPeers(way) ? null : way.group),
    severity: "error",
    why: `nobody hears another group, ${BOTH_MASTER}`,
  },
  {
    key: "unicast_peer",
    of: ({ way }) => (isToPeers(way) ? "to peers" : "to the group"),
    severity: "error",
    why: `adverts go by one way, ${BOTH_MASTER}`,
  },
  {
    key: "use_vmac",
    of: ({ link }) => (link === null ? "no" : link.kind),
    severity: "warning",
    why: "the MAC of the addresses is another one after a failover",
  },
  {
    key: "use_vmac_addr",
    of: ({ addressLinks }) => (addressLinks.length > 0 ? "yes" : "no"),
    severity: "warning",
    why: "the MAC of addresses on other interfaces is another one after a failover",
  },
  {
    key: "accept",
    of: ({ holds }) => (holds.accept ? "yes" : "no"),
    severity: "warning",
    why: "who is reached at the addresses depends on who is MASTER",
  },
];

function isToPeers({ peers, needsPeer }: VrrpInstanceConfig["way"]): boolean {
  return peers.length > 0 || needsPeer;
}

/** Those that are on both. */
export function judgeInstances(a: Node, b: Node, tell: Tell): readonly Couple<Instance>[] {
  // The same number on two interfaces is two virtual routers, which are called alike on both nodes, mostly.
  const router = ({ made }: Instance): string => `${made.vrrp.vrid} ${made.way.family}`;
  const { couples, alone } = match(instancesOf(a), instancesOf(b), [
    (one) => `${router(one)} ${nameOf(one.section)}`,
    (one) => `${router(one)} ${one.made.vips[0]?.address}`,
    (one) => `${router(one)} ${one.made.vrrp.interface}`,
    router,
    ({ section }) => nameOf(section),
    ({ made }) => made.vips[0]?.address,
  ]);
  for (const couple of couples) {
    judgeEqual(couple, SAME, tell);
    judgeProofs(couple, tell);
    judgePeers(couple, tell);
    judgePeers({ a: couple.b, b: couple.a }, tell);
    judgeSources(couple, tell);
    judgePriorities(couple, tell);
    judgePairWeights(couple, tell);
    judgeAddresses(couple, tell);
  }
  for (const one of [...alone.a, ...alone.b]) {
    const other = one.node === a ? b : a;
    tell({
      at: headOf(one),
      severity: "warning",
      message: `[${one.section.title}] (virtual_router_id ${one.made.vrrp.vrid}) is on this node alone, and not in ${other.placeOf(1).file}: nobody takes its addresses over`,
    });
  }
  judgeOwners(a, b, couples, tell);
  return couples;
}

/** Does `b` say its adverts to where `a` is? Without a source of its own that is an address of its interface, which no file tells. */
function judgePeers({ a, b }: Couple<Instance>, tell: Tell): void {
  const source = a.made.way.source;
  const peers = b.made.way.peers.map(({ address }) => address);
  if (peers.length === 0 || !isToPeers(a.made.way)) return;
  if (source !== null) {
    if (peers.includes(source)) return;
    const other = placeIn(a, "unicast_src_ip");
    tell({
      at: placeIn(b, "unicast_peer"),
      other,
      severity: "error",
      message: `unicast_peer of [${b.section.title}] is ${few(peers).join(", ")}, and the other node speaks from ${source} (${placeText(other)}): it hears nothing of this one, and both are MASTER`,
    });
    return;
  }
  const [ours = "", ...more] = a.made.way.peers.map(({ address }) => address);
  const isCopied = more.length === 0 && peers.length === 1 && peers[0] === ours;
  // Told of one of the two.
  if (!isCopied || b.made.way.source !== null || headOf(a).file > headOf(b).file) return;
  const other = placeIn(b, "unicast_peer");
  tell({
    at: placeIn(a, "unicast_peer"),
    other,
    severity: "error",
    message: `unicast_peer of [${a.section.title}] is ${ours}, and at ${placeText(other)} too: each has to name the other one`,
  });
}

function judgeSources({ a, b }: Couple<Instance>, tell: Tell): void {
  const { source } = a.made.way;
  if (source === null || source !== b.made.way.source) return;
  const key = isToPeers(a.made.way) ? "unicast_src_ip" : "mcast_src_ip";
  const other = placeIn(b, key);
  tell({
    at: placeIn(a, key),
    other,
    severity: "error",
    message: `${key} of [${a.section.title}] is ${source}, and at ${placeText(other)} too: it must be an address of each node's own, for nobody hears adverts that come from its own address`,
  });
}

function judgePriorities({ a, b }: Couple<Instance>, tell: Tell): void {
  const { priority } = a.made.vrrp;
  if (priority === b.made.vrrp.priority) {
    const isOwner = priority === PRIORITY_OWNER;
    const other = placeIn(b, "priority");
    tell({
      at: placeIn(a, "priority"),
      other,
      severity: isOwner ? "error" : "warning",
      message: `priority of [${a.section.title}] is ${priority}, and at ${placeText(other)} too: ${isOwner ? "one node alone owns the addresses, and both would be MASTER from their start" : "the greater source address of the two decides who is MASTER"}`,
    });
  }
  const [high, low] = priority > b.made.vrrp.priority ? [a, b] : [b, a];
  if (low.made.vrrp.preempt || !high.made.vrrp.preempt || priority === b.made.vrrp.priority) return;
  // MASTER clears it, which the rules of one file tell.
  if (isGiven(high.section, "nopreempt") || isGiven(high.section, "preempt")) return;
  const other = headOf(high);
  tell({
    at: placeIn(low, isGiven(low.section, "nopreempt") ? "nopreempt" : "preempt"),
    other,
    severity: "warning",
    message: `nopreempt of [${low.section.title}] has no effect on the node of lower priority: it belongs on the other one (${placeText(other)}), which takes the addresses back`,
  });
}
