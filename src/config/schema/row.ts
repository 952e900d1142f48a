// What a row of the table of keys says, and what the lines of several words are when they are read.

import type { Forward, Tunnel } from "../../ipvs/model.ts";
import type { Weight } from "../../track/model.ts";
import type { Rule, Vip } from "../../vip/model.ts";
import type { KeyType, ValueOf } from "./type.ts";

export type Requires = {
  readonly keys: readonly string[];
  readonly why: string;
  readonly ignored?: true;
};

export type KeySpec = {
  readonly type: KeyType<unknown>;
  readonly doc: string;
  /** What an operator meets on the first day; others later. */
  readonly level?: "basic";
  readonly aliases?: readonly string[];
  /** Written `key[] = value`, as often as needed. */
  readonly list?: true;
  /** A list that may be written `key = value` when it is one item; the example does. */
  readonly alone?: true;
  readonly required?: true;
  /** Another key whose value it has where that one stands in its place. */
  readonly instead?: string;
  /** A second one is ignored with a warning, as keepalived does with commands. */
  readonly firstCounts?: true;
  /** What the word alone means, without a value. */
  readonly bare?: string;
  /** What holds when the key is not there, as it would be written. */
  readonly default?: string;
  /** The same in words, when it is no constant. */
  readonly otherwise?: string;
  /** A key of [global] that says what holds when this one is not there. */
  readonly inherits?: string;
  /** That key's own row, which mirrored() makes. */
  readonly globally?: Readonly<
    Partial<Record<"default" | "otherwise" | "example" | "doc", string>>
  > &
    Pick<KeySpec, "level">;
  /** A key of real servers that means what the virtual server says when it is not there; `always`: that says something. */
  readonly ofService?: "always" | "maybe";
  /** Of the model, when the value is one as it is: fields.ts builds and prints it. */
  readonly field?: string;
  /** It says nothing where none of these stands; `ignored`: a warning. */
  readonly requires?: Requires;
  /** Cannot stand beside these. */
  readonly excludes?: string | readonly string[];
  /** A warning: it says nothing where one of these stands. */
  readonly ignoredWith?: { readonly keys: readonly string[]; readonly why: string };
  /** Means no where this one means yes. */
  readonly opposes?: string;
  /** An address of the family of this one. */
  readonly sameFamily?: string;
  /** A number that is not more than this one. */
  readonly atMost?: string;
  /** The kind of the section that it names. */
  readonly refers?: string;
  /** What may not be there twice: in this list, or in all sections of the kind. */
  readonly unique?: "here" | "everywhere";
  readonly example?: string;
  /** Written out in the example file although it is not required. */
  readonly shown?: true;
};

export type SectionSpec = {
  readonly doc: string;
  /** Names after the kind: `[global]` 0, `[check.NAME]` 1, `[real_server.VS.NAME]` 2. */
  readonly labels: readonly string[];
  /** What the one label is, when it is no name: it may hold dots then. */
  readonly labelIs?: "interface";
  readonly example: string;
  /** Of one that nobody names: why it is told. */
  readonly unused?: string;
  readonly keys: Readonly<Record<string, KeySpec>>;
};

/** An address with a port, or without one. */
export type Endpoint = { readonly address: string; readonly port: number | null };

/** One line of virtual_ipaddress; null = not written. What is not said of the rarer words is left out. */
export type AddressLine = Pick<
  Vip,
  "peer" | "noPrefixRoute" | "home" | "dad" | "preferredLftS" | "noTrack" | "trackGroup"
> & {
  readonly address: string;
  readonly prefixLength: number;
  readonly dev: string | null;
  readonly scope: "global" | "site" | "link" | "host" | "nowhere";
  readonly label: string | null;
  readonly broadcast: string | null;
  /** On an interface of its own with the virtual MAC. */
  readonly useVmac?: true;
};

/** One line of virtual_rules; a priority of null is chosen later. */
export type RuleLine = Omit<Rule, "priority"> & { readonly priority: number | null };

export type Tracked = { readonly name: string; readonly weight: Weight | null };

/** [all] SECONDS */
export type ExtraIf = { readonly everyMs: number; readonly all: boolean };

export type InitFile = { readonly value: number; readonly overwrite: boolean };

/** USER [GROUP] as written. */
export type UserWords = { readonly user: string; readonly group: string | null };

/** PATH [USER [GROUP]] */
export type FifoWords = { readonly path: string; readonly owner: UserWords | null };

export type MailServer = { readonly host: string; readonly port: number };

/** ID KEY, the key as written. */
export type HmacKeyWords = { readonly id: number; readonly written: string };

/** NAT | DR | TUN …: the tunnel of TUN, null = plain IP in IP. */
export type LvsMethod = { readonly forward: Forward; readonly tunnel: Tunnel | null };

/** One line of a virtual_server_group; a range is already spelled out. */
export type GroupMember =
  | {
      readonly kind: "addresses";
      readonly addresses: readonly string[];
      readonly port: number | null;
    }
  | { readonly kind: "fwmark"; readonly fwmark: number; readonly family: 4 | 6 | null };

/** A setting below net.ipv4.vs. */
export type LvsSysctl = { readonly name: string; readonly value: string };

export type Located<T> = { readonly value: T; readonly line: number };

/** A key with a default always has a value, a list may be empty, anything else may be missing. */
export type HeldBy<K extends KeySpec> = K extends { readonly list: true }
  ? readonly Located<ValueOf<K["type"]>>[]
  : K extends
        | { readonly default: string }
        | { readonly globally: { readonly default: string } }
        | { readonly ofService: "always" }
    ? ValueOf<K["type"]>
    : ValueOf<K["type"]> | undefined;
