// Asks who else has the addresses of our masters (vip/probing.ts), and says so in words. Two masters that do not hear each
// other's adverts show it here, and so does who has nothing to do with VRRP.

import type { VrrpInstanceConfig } from "../../config/model.ts";
import type { AddressProbesStatus } from "../../control/status.ts";
import {
  type Claim,
  type Ears,
  openAdvertisementEars,
  openArpEars,
} from "../../kernel/claim-ears.ts";
import type { Link } from "../../kernel/links.ts";
import type { Network } from "../../kernel/network.ts";
import type { PacketSocket } from "../../kernel/packet-socket.ts";
import { type Clock, wallTimeOf } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import { familyOf } from "../../lib/ip.ts";
import type { Log } from "../../lib/log.ts";
import { formatMac } from "../../lib/mac.ts";
import { openProbing, type SecondOwner, type Target } from "../../vip/probing.ts";
import { encodeArpProbe } from "../../wire/arp.ts";
import { encodeSolicitation } from "../../wire/ndisc.ts";
import { openSparseLog } from "../process/sparse-log.ts";
import { heldVips } from "./holding.ts";
import type { Instance } from "./instance.ts";

export type SecondOwners = {
  /** To be called about twice a second. */
  readonly look: () => void;
  /** Whom it is about, and what is wrong. */
  readonly texts: (nowMs: number) => readonly { readonly subject: string; readonly text: string }[];
  readonly counts: () => AddressProbesStatus;
  readonly close: () => void;
};

/**
 * Asked by the interface below a virtual one, with its MAC and address: nobody learns anything that is not so, and another node
 * with the same virtual MAC answers to it.
 */
type Asked = Target & { readonly heldOn: string; readonly virtualMac: string | null };

const MAC_BYTES = 6;
const RT_SCOPE_LINK = 253;
/** In the time between two looks: a flood of claims is not read on. */
const CLAIMS_MAX = 64;

export function openSecondOwners(parts: {
  readonly clock: Clock;
  readonly chance: () => number;
  readonly instances: ReadonlyMap<string, Pick<Instance, "isMaster" | "config">>;
  readonly network: Pick<Network, "link" | "links" | "linkByIndex" | "addressesOf">;
  readonly packets: PacketSocket;
  readonly log: Log;
}): SecondOwners {
  const { clock, instances, network, packets } = parts;
  const sparse = openSparseLog(parts.log, clock);
  const probing = openProbing<Asked>(parts.chance);
  const counts = { sent: 0, answered: 0, ignored: 0 };
  /** Opened by the first probe of their family. */
  const ears = new Map<4 | 6, { readonly ears: Ears; hears: string }>();
  let watched: readonly VrrpInstanceConfig[] = [];
  let ownMacs: ReadonlySet<string> | undefined;
  let claims = 0;

  /** Addresses by the thousand are listed anew when something changed. */
  function watchMasters(nowMs: number): void {
    const masters: VrrpInstanceConfig[] = [];
    for (const each of instances.values()) if (each.isMaster()) masters.push(each.config());
    const same =
      masters.length === watched.length && masters.every((each, i) => each === watched[i]);
    if (same) return;
    watched = masters;
    probing.watch(masters.flatMap(targetsOf), nowMs);
  }

  function ask(target: Asked): void {
    const link = network.link(target.interface);
    const frame = link && isOurs(target) ? probeOf(target, link) : undefined;
    if (link === undefined || frame === undefined) return;
    probing.asked(target, clock.nowMs());
    hearAsked();
    packets.send(link.index, frame);
    counts.sent += 1;
  }

  function isOurs({ address, heldOn }: Asked): boolean {
    const index = network.link(heldOn)?.index;
    if (index === undefined) return false;
    return network.addressesOf(index).some((each) => each.address === address && !each.tentative);
  }

  /** undefined = there is nobody to ask: loopback, a tunnel, a cable that is out; or nothing to ask with. */
  function probeOf({ address }: Asked, link: Link): Buffer | undefined {
    const isEthernet = link.mac.length === MAC_BYTES && link.mac.some((byte) => byte !== 0);
    if (!isEthernet || !link.running) return undefined;
    if (familyOf(address) === 4) return encodeArpProbe(link.mac, address);
    const source = network
      .addressesOf(link.index)
      .find((each) => each.scope === RT_SCOPE_LINK && !each.tentative && !isVirtual(each.address));
    return source && encodeSolicitation(link.mac, source.address, address);
  }

  function isVirtual(address: string): boolean {
    return watched.some((config) => heldVips(config).some((vip) => vip.address === address));
  }

  /** The ears hear what is asked for now, and are deaf else. */
  function hearAsked(): void {
    const asking = probing.asking(clock.nowMs()).map(({ address }) => address);
    for (const family of [4, 6] as const) {
      const wanted = [...new Set(asking.filter((address) => familyOf(address) === family))];
      const key = wanted.join();
      const open = ears.get(family) ?? (wanted.length > 0 ? openEars(family) : undefined);
      if (open === undefined || open.hears === key) continue;
      open.ears.hearOnly(wanted);
      open.hears = key;
    }
  }

  function openEars(family: 4 | 6): { readonly ears: Ears; hears: string } {
    const open = family === 4 ? openArpEars : openAdvertisementEars;
    const opened = { ears: open(hear), hears: "" };
    ears.set(family, opened);
    return opened;
  }

  function hear(claim: Claim | undefined): void {
    claims += 1;
    if (claims === CLAIMS_MAX) deafen();
    if (claims <= CLAIMS_MAX && claim !== undefined && isAnswer(claim)) counts.answered += 1;
    else counts.ignored += 1;
  }

  function isAnswer(claim: Claim): boolean {
    const nowMs = clock.nowMs();
    const device = network.linkByIndex(claim.interfaceIndex)?.name;
    const target = probing
      .asking(nowMs)
      .find((each) => each.interface === device && each.address === claim.address);
    const [mac] = claim.macs;
    if (target === undefined || mac === undefined) return false;
    return (
      !claim.macs.some((each) => isOwn(each, target, claim)) && probing.answered(target, mac, nowMs)
    );
  }

  /** Another interface of this machine on the same segment answers too, and a loop brings back what we announce. */
  function isOwn(mac: string, target: Asked, claim: Claim): boolean {
    // What leaves by the interface below never comes to the virtual one: who answers us with its MAC is another node.
    if (mac === target.virtualMac) return !claim.isToUs;
    ownMacs ??= new Set(network.links().map((link) => formatMac(link.mac)));
    return ownMacs.has(mac);
  }

  function deafen(): void {
    for (const open of ears.values()) {
      open.ears.hearOnly([]);
      open.hears = "";
    }
  }

  return {
    look() {
      const nowMs = clock.nowMs();
      claims = 0;
      ownMacs = undefined;
      watchMasters(nowMs);
      try {
        hearAsked();
        for (const target of probing.due(nowMs)) ask(target);
      } catch (error) {
        sparse.tell("probe", (to, times) =>
          to.warn({ error: errorText(error), times }, "addresses not probed"),
        );
      }
    },
    texts: (nowMs) =>
      probing.owners(nowMs).map((owner) => ({ subject: owner.owner, text: ownerText(owner) })),
    counts: () => ({ ...counts }),
    close() {
      sparse.close();
      for (const open of ears.values()) open.ears.close();
      ears.clear();
    },
  };
}

/** None where there are peers instead of a segment: in a cloud the network itself answers for every address. */
function targetsOf(config: VrrpInstanceConfig): readonly Asked[] {
  const { vrrp, way, link, addressLinks } = config;
  if (way.peers.length > 0) return [];
  const own = link === null ? [] : [{ ...link, below: vrrp.interface }];
  const links = new Map([...own, ...addressLinks].map((each) => [each.name, each]));
  return heldVips(config).map(({ address, interface: heldOn }): Asked => {
    const on = links.get(heldOn);
    const virtualMac = on?.kind === "macvlan" ? on.mac : null;
    return { owner: vrrp.name, address, heldOn, interface: on?.below ?? heldOn, virtualMac };
  });
}

function ownerText(owner: SecondOwner): string {
  const { address, interface: device, mac, answers, sinceMs } = owner;
  const told = `${address} is also at ${mac} on ${device}: it answered ${answers} probes since ${wallTimeOf(sinceMs)}`;
  const reasons =
    familyOf(address) === 6
      ? "a real server that has it on another interface than lo, a router with proxy NDP"
      : "a real server whose arp_ignore is not set, a router with proxy ARP";
  return `${told}; another node that holds it, ${reasons}`;
}
