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
import {
  judgeLink,
  newLinkOf,
  ownSettings,
  parentSettings,
  type Setting,
} from "../../vip/virtual-link.ts";
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

type Below = { readonly interface: string; readonly family: 4 | 6 };

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
  below: Below,
  { netlink, network, beside, remover, sysctls, log: parentLog }: LinkKeeperParts,
): LinkKeeper {
  const { name } = wanted;
  const log = parentLog.child({ interface: name });
  const maker = openLinkMaker(wanted, below, { netlink, sysctls, log });
  let index: number | undefined;
  let raised = false;

  function refresh(): boolean {
    const before = index;
    const parent = network.link(below.interface);
    const own = network.link(name);
    if (parent === undefined) {
      // One that was renamed still carries ours.
      if (own?.index === index) return false;
      index = undefined;
      maker.release();
    } else if (index === undefined || own?.index !== index) {
      index = maker.make(parent.index);
      if (index !== undefined) network.look(name);
      if (raised) putUp();
    } else {
      if (own.masterIndex !== parent.masterIndex) maker.follow(own, parent);
      if (raised && !own.up) {
        log.warn("virtual interface was down while master, put up");
        putUp();
      }
    }
    return index !== before;
  }

  /** What adverts leave with must be an address of this machine. IPv6 takes its addresses off with the link. */
  function ownAddress(interfaceIndex: number): readonly Request[] {
    if (wanted.kind !== "ipvlan" || wanted.address === null) return [];
    const plain = { scope: 0, label: null, broadcast: null, leaseS: null };
    return [addAddress({ ...wanted.address, ...plain, interfaceIndex })];
  }

  function putUp(): void {
    if (index === undefined) return;
    try {
      request(netlink, setLinkUp(index, true), ...ownAddress(index));
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
      // When it is raised again before this is done, refresh() puts it up again.
      if (index !== undefined) beside.send(setLinkUp(index, false));
    },
    refused: maker.refused,
    indexUp: () => (raised && index !== undefined ? [index] : []),
    close() {
      if (index !== undefined) remover.remove(name, index);
      index = undefined;
      maker.release();
    },
  };
}

/** The link as it has to be, with the settings of the kernel that it needs. */
type LinkMaker = {
  /** Its index, down; undefined = the log says why it could not be made, and it is to be tried again when links change. */
  readonly make: (parentIndex: number) => number | undefined;
  /** The interface below entered a VRF, or left one. */
  readonly follow: (own: Link, parent: Link) => void;
  readonly refused: LinkKeeper["refused"];
  /** Nobody needs the settings of the interface below any more. */
  readonly release: () => void;
};

function openLinkMaker(
  wanted: VirtualLink,
  below: Below,
  { netlink, sysctls, log }: Pick<LinkKeeperParts, "netlink" | "sysctls" | "log">,
): LinkMaker {
  const { name } = wanted;
  const self = {};
  let refused: readonly string[] = [];
  let toldProblem = "";

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
      request(netlink, ...removeLinks([there.index]));
    }
    if (verdict !== "same") {
      const parent = readVirtualLink(netlink, parentIndex);
      const vrf = vrfOf(netlink, parent);
      for (const each of makeVirtualLink(link, { group: parent?.group ?? 0 }, vrf))
        request(netlink, each);
    }
    const made = readVirtualLink(netlink, name);
    if (made === undefined) throw new Error(`Cannot make ${name}: it went at once`);
    prepare();
    if (made.up) request(netlink, setLinkUp(made.index, false)); // an earlier run's
    return made.index;
  }

  /** Before it is up for the first time. */
  function prepare(): void {
    sysctls.release(self);
    const made = [
      ...parentSettings(below.interface, below.family).map(({ path, value }) => ({
        path,
        value,
        cause: sysctls.needAtLeast(self, path, value),
      })),
      ...ownSettings(name, below.family).map((each) => ({
        ...each,
        cause: problemOfWriting(each),
      })),
    ];
    refused = made.flatMap((each) => refusalOf(each, log));
  }

  return {
    make: (parentIndex) => attempt("made", () => make(parentIndex)),
    follow(own, parent) {
      const vrf = vrfOf(netlink, parent);
      if (vrf === (own.masterIndex ?? null)) return;
      log.info({ below: below.interface }, "virtual interface follows the one below into its VRF");
      attempt("moved", () => request(netlink, moveLink(own.index, vrf)));
    },
    refused: () => refused,
    release: () => sysctls.release(self),
  };
}

function problemOfWriting({ path, value }: Setting): string | null {
  try {
    writeSysctl(path, String(value));
    return null;
  } catch (error) {
    return errorText(error);
  }
}

/** What is told of a setting that could not be made; nothing where it is right all the same. */
function refusalOf(
  { path, value, cause }: Setting & { readonly cause: string | null },
  log: Log,
): readonly string[] {
  const now = cause === null ? undefined : readSysctl(path);
  // A kernel without IPv6 has none of its settings; one that cannot be written may be right already.
  if (now === undefined || now === String(value)) return [];
  log.error({ setting: path, value, now, error: cause }, "setting not changed");
  return [`${path} is ${now} and should be ${value}: ${cause}`];
}

/** null = it is in none: its master may be a bridge or a bond too. */
function vrfOf(netlink: Netlink, link: Pick<Link, "masterIndex"> | undefined): number | null {
  if (link?.masterIndex === undefined) return null;
  const master = readVirtualLink(netlink, link.masterIndex);
  return master?.kind === "vrf" ? master.index : null;
}

/** Throws KernelError. */
function request(netlink: Netlink, ...requests: readonly Request[]): void {
  for (const [i, error] of netlink.batch(requests)) {
    // An address that is there already.
    if (error.code === "EEXIST" && i > 0) continue;
    throw error;
  }
}
