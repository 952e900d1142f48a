// Makes the interface of a virtual router's own and keeps it there. It is only up while its router is MASTER: a backup
// takes no packet with the virtual MAC as destination (RFC 5798 §6.4.2), and says nothing with it as source.

import { addAddress } from "../../kernel/addresses.ts";
import type { Link } from "../../kernel/links.ts";
import type { Netlink, Request } from "../../kernel/netlink.ts";
import type { NetlinkBeside } from "../../kernel/netlink-beside.ts";
import type { Network } from "../../kernel/network.ts";
import { readSysctl, writeSysctl } from "../../kernel/sysctl.ts";
import {
  makeVirtualLink,
  moveLink,
  readVirtualLink,
  removeLinks,
  setLinkUp,
} from "../../kernel/virtual-links.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { VirtualLink } from "../../vip/model.ts";
import { judgeLink, newLinkOf, ownSettings, parentSettings } from "../../vip/virtual-link.ts";
import type { Sysctls } from "../process/sysctls.ts";

export type LinkKeeper = {
  /** undefined while it is not there. */
  readonly index: () => number | undefined;
  /** The interface below is there, and it is not. */
  readonly isMissing: () => boolean;
  /** Makes it when it is missing and can be made; true = it is another one than before, or gone. */
  readonly refresh: () => boolean;
  readonly raise: () => void;
  readonly lower: () => void;
  /** Its index, for whoever has to remove it in our place; nothing while it is down. */
  readonly indexUp: () => readonly number[];
  /** Settings that could not be made, each with the reason. */
  readonly refused: () => readonly string[];
  /** It is to be removed. */
  readonly close: () => void;
};

/** Links that go, all at once. */
export type LinkRemover = {
  readonly remove: (name: string, index: number) => void;
  readonly flush: () => void;
};

export type LinkKeeperParts = {
  readonly netlink: Netlink;
  readonly network: Pick<Network, "link" | "look">;
  /** For what the kernel takes its time: putting a link down is one of that. */
  readonly beside: NetlinkBeside;
  readonly remover: LinkRemover;
  readonly sysctls: Sysctls;
  readonly log: Log;
};

export function openLinkRemover(netlink: Netlink, look: Network["look"], log: Log): LinkRemover {
  const going = new Map<string, number>();
  return {
    remove: (name, index) => void going.set(name, index),
    flush() {
      if (going.size === 0) return;
      for (const error of netlink.batch(removeLinks([...going.values()])).values()) {
        if (error.code !== "ENODEV")
          log.error({ error: error.message }, "virtual interface not removed");
      }
      for (const name of going.keys()) look(name);
      going.clear();
    },
  };
}

export function openLinkKeeper(
  wanted: VirtualLink,
  below: { readonly interface: string; readonly family: 4 | 6 },
  { netlink, network, beside, remover, sysctls, log: parentLog }: LinkKeeperParts,
): LinkKeeper {
  const { name } = wanted;
  const self = {};
  const log = parentLog.child({ interface: name });
  let index: number | undefined;
  let raised = false;
  let refused: readonly string[] = [];
  let toldProblem = "";

  function refresh(): boolean {
    const before = index;
    const parent = network.link(below.interface);
    const own = network.link(name);
    if (parent === undefined) {
      // One that was renamed still carries ours.
      if (own?.index === index) return false;
      index = undefined;
      sysctls.release(self);
    } else if (index === undefined || own?.index !== index) {
      index = attempt("made", () => make(parent.index));
      if (raised) putUp();
    } else {
      if (own.masterIndex !== parent.masterIndex) followVrf(own, parent);
      if (raised && !own.up) {
        log.warn("virtual interface was down while master, put up");
        putUp();
      }
    }
    return index !== before;
  }

  /** undefined = told, and to be tried again when links change. */
  function attempt<T>(done: "made" | "moved", what: () => T): T | undefined {
    try {
      const result = what();
      toldProblem = "";
      return result;
    } catch (error) {
      const problem = errorText(error);
      if (problem !== toldProblem) log.error({ error: problem }, `virtual interface not ${done}`);
      toldProblem = problem;
      return undefined;
    }
  }

  function make(parentIndex: number): number {
    const link = newLinkOf(wanted, parentIndex);
    const there = readVirtualLink(netlink, name);
    const verdict = there === undefined ? undefined : judgeLink(there, link);
    if (verdict === "foreign") {
      throw new Error(`Cannot make ${name}: there is an interface of this name that is not duet's`);
    }
    if (there !== undefined && verdict === "left over") {
      log.warn("virtual interface of an earlier run replaced");
      request(...removeLinks([there.index]));
    }
    if (verdict !== "same") {
      const parent = readVirtualLink(netlink, parentIndex);
      for (const each of makeVirtualLink(link, { group: parent?.group ?? 0 }, vrfOf(parent)))
        request(each);
    }
    const made = readVirtualLink(netlink, name);
    if (made === undefined) throw new Error(`Cannot make ${name}: it went at once`);
    prepare();
    if (made.up) request(setLinkUp(made.index, false)); // an earlier run's
    network.look(name);
    return made.index;
  }

  function vrfOf(parent: Pick<Link, "masterIndex"> | undefined): number | null {
    if (parent?.masterIndex === undefined) return null;
    const master = readVirtualLink(netlink, parent.masterIndex);
    return master?.kind === "vrf" ? master.index : null;
  }

  function followVrf(own: Link, parent: Link): void {
    const vrf = vrfOf(parent);
    if (vrf === (own.masterIndex ?? null)) return;
    log.info({ below: below.interface }, "virtual interface follows the one below into its VRF");
    attempt("moved", () => request(moveLink(own.index, vrf)));
  }

  /** Before it is up for the first time. */
  function prepare(): void {
    sysctls.release(self);
    refused = [];
    for (const { path, value } of parentSettings(below.interface, below.family)) {
      const cause = sysctls.needAtLeast(self, path, value);
      if (cause !== null) refuse(path, value, cause);
    }
    for (const { path, value } of ownSettings(name, below.family)) {
      try {
        writeSysctl(path, String(value));
      } catch (error) {
        refuse(path, value, errorText(error));
      }
    }
  }

  function refuse(path: string, value: number, cause: string): void {
    const now = readSysctl(path);
    // A kernel without IPv6 has none of its settings; one that cannot be written may be right already.
    if (now === undefined || now === String(value)) return;
    log.error({ setting: path, value, now, error: cause }, "setting not changed");
    refused = [...refused, `${path} is ${now} and should be ${value}: ${cause}`];
  }

  /** What adverts leave with must be an address of this machine. IPv6 takes its addresses off with the link. */
  function ownAddress(interfaceIndex: number): readonly Request[] {
    if (wanted.kind !== "ipvlan" || wanted.address === null) return [];
    const plain = { scope: 0, label: null, broadcast: null, leaseS: null };
    return [addAddress({ ...wanted.address, ...plain, interfaceIndex })];
  }

  function request(...requests: readonly Request[]): void {
    for (const [i, error] of netlink.batch(requests)) {
      // An address that is there already.
      if (error.code === "EEXIST" && i > 0) continue;
      throw error;
    }
  }

  function putUp(): void {
    if (index === undefined) return;
    try {
      request(setLinkUp(index, true), ...ownAddress(index));
    } catch (error) {
      log.error({ error: errorText(error) }, "virtual interface not put up");
    }
    network.look(name);
  }

  return {
    index: () => index,
    isMissing: () => index === undefined && network.link(below.interface) !== undefined,
    refresh,
    raise() {
      if (raised) return;
      raised = true;
      putUp();
    },
    lower() {
      if (!raised) return;
      raised = false;
      // Who is raised again before this is done is put up again by refresh().
      if (index !== undefined) beside.send(setLinkUp(index, false));
    },
    refused: () => refused,
    indexUp: () => (raised && index !== undefined ? [index] : []),
    close() {
      if (index !== undefined) remover.remove(name, index);
      index = undefined;
      sysctls.release(self);
    },
  };
}
