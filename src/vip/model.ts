// The words of the VIP room: what a master holds.

import type { NewRoute, RouteHop } from "../kernel/routes.ts";
import type { NewRule } from "../kernel/rules.ts";

export type Scope = "global" | "site" | "link" | "host" | "nowhere";

export type Vip = {
  readonly address: string;
  readonly prefixLength: number;
  /** The interface it is put on; may differ from the one that adverts leave by. */
  readonly interface: string;
  readonly scope: Scope;
  readonly label: string | null;
  readonly broadcast: string | null;
  /** The other end of a point-to-point link; the prefix length is its. */
  readonly peer?: string;
  /** The kernel makes no route of its prefix. */
  readonly noPrefixRoute?: true;
  /** IPv6: a home address (RFC 6275). */
  readonly home?: true;
  /** IPv6: duplicate address detection, which a virtual address goes without. */
  readonly dad?: true;
  /** For how long it is a source address of new connections; null = as long as it is there. */
  readonly preferredLftS?: number | null;
  /** Somebody may take it off: it is not put back. */
  readonly noTrack?: true;
  /** Of a static one: instances track it by this name. */
  readonly trackGroup?: string;
};

/** A virtual route, with its interfaces by name. */
export type Route = Omit<NewRoute, "hops"> & {
  readonly hops: readonly (Omit<RouteHop, "interfaceIndex"> & {
    readonly interface: string | null;
  })[];
  /** As it is written, for people. */
  readonly line: string;
} & Pick<Vip, "noTrack" | "trackGroup">;

export type Rule = NewRule & { readonly line: string } & Pick<Vip, "noTrack" | "trackGroup">;

/** What a master holds, each in the order of the file. */
export type Held = {
  readonly vips: readonly Vip[];
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
};

/** One thing that is put on and taken off. */
export type Thing =
  | { readonly kind: "address"; readonly vip: Vip }
  | { readonly kind: "route"; readonly route: Route }
  | { readonly kind: "rule"; readonly rule: Rule };

/** When gratuitous ARP goes out; keepalived's garp_master_*. */
export type AnnounceConfig = {
  readonly repeat: number;
  /** Pause before the second burst; 0 = no second burst. */
  readonly delayMs: number;
  /** The same for "somebody lower claims to be master"; keepalived's garp_lower_prio_*. */
  readonly lowerRepeat: number;
  readonly lowerDelayMs: number;
  /** Period of the bursts while MASTER; 0 = none. */
  readonly refreshMs: number;
  readonly refreshRepeat: number;
  /** Period of one announcement of the addresses on interfaces that send no adverts; 0 = none. */
  readonly extraMs: number;
  /** On all of them, not on the virtual link alone. */
  readonly extraAll: boolean;
};

/**
 * A macvlan interface with the virtual MAC for addresses that are not on the instance's own interface, or not of its family
 * (use_vmac_addr). No adverts leave by it.
 */
export type AddressLink = VirtualLink & {
  readonly kind: "macvlan";
  readonly below: string;
  readonly family: 4 | 6;
};

/** An interface of the virtual router's own, on top of the one it is configured on. */
export type VirtualLink = {
  readonly name: string;
  /** Adverts leave by the interface below. */
  readonly xmitBase: boolean;
  /** Interface group; null = that of the interface below. */
  readonly group: number | null;
} & (
  | {
      /** With a MAC of its own (RFC 5798 §7.3), so that it moves with the addresses. */
      readonly kind: "macvlan";
      readonly mac: string;
    }
  | {
      readonly kind: "ipvlan";
      readonly mode: "bridge" | "private" | "vepa";
      /** What adverts leave with; null = an address of the interface below. */
      readonly address: { readonly address: string; readonly prefixLength: number } | null;
    }
);
