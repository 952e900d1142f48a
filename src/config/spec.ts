// The types of the table in keys.ts: what a key may hold, and what a parsed section looks like.

import type { Step } from "../check/model-stream.ts";
import type { HttpHeader } from "../check/model-web.ts";
import type { Mark } from "../ipvs/marks.ts";
import type { Forward, Tunnel } from "../ipvs/model.ts";
import type { Route, Rule } from "../vip/model.ts";
import type { AddressExtras } from "./address-extras.ts";

export type ValueType =
  | {
      readonly kind: "duration";
      readonly minMs: number;
      readonly maxMs: number;
      readonly wholeSeconds?: true;
      /** A number alone is milliseconds here, as in keepalived. */
      readonly bareMs?: true;
      /** How often or how long something is asked: hundreds of seconds without a unit are milliseconds that somebody meant. */
      readonly pace?: true;
    }
  | { readonly kind: "bool" }
  | {
      readonly kind: "integer";
      readonly min: number;
      readonly max: number;
      /** Said instead of "min to max". */
      readonly range?: string;
    }
  | { readonly kind: "enum"; readonly words: readonly string[] }
  | { readonly kind: "endpoint"; readonly port: "required" | "optional" }
  | { readonly kind: "address_line" }
  | { readonly kind: "route_line" }
  | { readonly kind: "rule_line" }
  | { readonly kind: "interface" }
  | { readonly kind: "netmask" }
  | { readonly kind: "status" }
  /** `max` in place of 253. */
  | { readonly kind: "weight"; readonly max?: number }
  | { readonly kind: "tracked"; readonly max?: number; readonly what?: "interface" }
  | { readonly kind: "init_file" }
  | { readonly kind: "extra_if" }
  /** `names`: the name of a host too. */
  | { readonly kind: "address"; readonly names?: true }
  /** Multicast; of either family where none is said. */
  | { readonly kind: "group"; readonly family?: 4 | 6 }
  | { readonly kind: "name" }
  | { readonly kind: "path" }
  | { readonly kind: "word" }
  | { readonly kind: "text" }
  /** A text without line feeds, and one that no problem tells. */
  | { readonly kind: "line" }
  | { readonly kind: "secret" }
  | { readonly kind: "domain" }
  | { readonly kind: "reply_pattern" }
  | { readonly kind: "sip_uri" }
  | { readonly kind: "regex" }
  | { readonly kind: "header" }
  | { readonly kind: "md5" }
  | { readonly kind: "grpc_service" }
  | { readonly kind: "payload" }
  | { readonly kind: "pattern" }
  | { readonly kind: "file" }
  | { readonly kind: "command" }
  | { readonly kind: "user" }
  | { readonly kind: "fifo" }
  | { readonly kind: "mailbox" }
  | { readonly kind: "mail_server" }
  | { readonly kind: "phases" }
  | { readonly kind: "password" }
  | { readonly kind: "hmac_key" }
  | { readonly kind: "vmac" }
  | { readonly kind: "ipvlan" }
  | { readonly kind: "vmac_prefix" }
  | { readonly kind: "peer" }
  | { readonly kind: "lvs_method" }
  | { readonly kind: "group_member" }
  | { readonly kind: "mark" }
  | { readonly kind: "lvs_timeouts" }
  | { readonly kind: "lvs_sysctl" }
  | { readonly kind: "sync_daemon" };

export type KeySpec = {
  readonly type: ValueType;
  readonly doc: string;
  /** What an operator meets on the first day, or later. */
  readonly level: "basic" | "advanced";
  readonly aliases?: readonly string[];
  /** Written `key[] = value`, as often as needed. */
  readonly list?: true;
  /** A list that may be written `key = value` when it is one item; the example does. */
  readonly alone?: true;
  readonly required?: true;
  /** A second one is ignored with a warning, as keepalived does with commands. */
  readonly firstCounts?: true;
  /** What the word alone means, without a value. */
  readonly bare?: string;
  /** What holds when the key is not there, as it would be written. */
  readonly default?: string;
  /** The same in words, when it is no constant. */
  readonly otherwise?: string;
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
  readonly keys: Readonly<Record<string, KeySpec>>;
};

/** An address with a port, or without one. */
export type Endpoint = { readonly address: string; readonly port: number | null };

/** One line of virtual_ipaddress; null = not written. */
export type AddressLine = AddressExtras & {
  readonly address: string;
  readonly prefixLength: number;
  readonly dev: string | null;
  readonly scope: "global" | "site" | "link" | "host" | "nowhere";
  readonly label: string | null;
  readonly broadcast: string | null;
};

/** One line of virtual_rules; a priority of null is chosen later. */
export type RuleLine = Omit<Rule, "priority"> & { readonly priority: number | null };

export type Weight = { readonly weight: number; readonly reverse: boolean };

export type Tracked = { readonly name: string; readonly weight: Weight | null };

/** [all] SECONDS */
export type ExtraIf = { readonly everyMs: number; readonly all: boolean };

export type InitFile = { readonly value: number; readonly overwrite: boolean };

/** USER [GROUP] as written. */
export type UserWords = { readonly user: string; readonly group: string | null };

/** PATH [USER [GROUP]] */
export type FifoWords = { readonly path: string; readonly owner: UserWords | null };

/** In which of them mail about servers is sent. */
export type Phase = "starting" | "running" | "stopping" | "reloading";

export type MailServer = { readonly host: string; readonly port: number };

/** One line of unicast_peer; null = not written. */
export type UnicastPeer = {
  readonly address: string;
  readonly ttlMin: number | null;
  readonly ttlMax: number | null;
};

/** ID KEY, the key as written. */
export type HmacKeyWords = { readonly id: number; readonly written: string };

/** The line of use_vmac; null = not written. */
export type VmacWords = {
  readonly on: boolean;
  readonly name: string | null;
  /** Of 5 or 6 octets. */
  readonly mac: string | null;
  readonly group: number | null;
};

/** The line of use_ipvlan; null = not written. */
export type IpvlanWords = {
  readonly on: boolean;
  readonly name: string | null;
  readonly group: number | null;
  readonly address: { readonly address: string; readonly prefixLength: number } | null;
  readonly mode: "bridge" | "private" | "vepa";
};

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

/** [tcp S] [tcpfin S] [udp S]; 0 = stays as it is. */
export type LvsTimeouts = {
  readonly tcpS: number;
  readonly tcpFinS: number;
  readonly udpS: number;
};

/** A setting below net.ipv4.vs. */
export type LvsSysctl = { readonly name: string; readonly value: string };

/** INTERFACE [INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group A]; null = not written. */
export type SyncDaemonLine = {
  readonly interface: string;
  readonly instance: string | null;
  readonly id: number | null;
  readonly maxlen: number | null;
  readonly port: number | null;
  readonly ttl: number | null;
  readonly group: string | null;
};

/** What has to come: bytes, as hex, or what matches. */
export type PatternValue = Exclude<Step, { readonly kind: "send" }>;

export type StatusRanges = readonly (readonly [number, number])[];

/** What the text of each kind of value becomes. Durations are milliseconds. */
export type Parsed = {
  readonly duration: number;
  readonly bool: boolean;
  readonly integer: number;
  readonly enum: string;
  readonly endpoint: Endpoint;
  readonly address_line: AddressLine;
  readonly route_line: Route;
  readonly rule_line: RuleLine;
  readonly interface: string;
  readonly netmask: number | string;
  readonly status: StatusRanges;
  readonly weight: Weight;
  readonly tracked: Tracked;
  readonly init_file: InitFile;
  readonly extra_if: ExtraIf;
  readonly address: string;
  readonly group: string;
  readonly name: string;
  readonly path: string;
  readonly word: string;
  readonly text: string;
  readonly line: string;
  readonly secret: string;
  readonly domain: string;
  readonly reply_pattern: string;
  readonly sip_uri: string;
  readonly regex: string;
  readonly header: HttpHeader;
  readonly md5: string;
  readonly grpc_service: string;
  readonly payload: string;
  readonly pattern: PatternValue;
  readonly file: string;
  readonly command: string;
  readonly user: UserWords;
  readonly fifo: FifoWords;
  readonly mailbox: string;
  readonly mail_server: MailServer;
  readonly phases: readonly Phase[];
  readonly password: string;
  readonly hmac_key: HmacKeyWords;
  readonly vmac: VmacWords;
  readonly ipvlan: IpvlanWords;
  readonly vmac_prefix: string;
  readonly peer: UnicastPeer;
  readonly lvs_method: LvsMethod;
  readonly group_member: GroupMember;
  readonly mark: Mark;
  readonly lvs_timeouts: LvsTimeouts;
  readonly lvs_sysctl: LvsSysctl;
  readonly sync_daemon: SyncDaemonLine;
};

export type ParsedOf<T extends ValueType> = T extends {
  readonly kind: "enum";
  readonly words: readonly (infer Word)[];
}
  ? Word
  : Parsed[T["kind"]];

export type Located<T> = { readonly value: T; readonly line: number };

/** A key with a default always has a value, a list may be empty, anything else may be missing. */
export type HeldBy<K extends KeySpec> = K extends { readonly list: true }
  ? readonly Located<ParsedOf<K["type"]>>[]
  : K extends { readonly default: string }
    ? ParsedOf<K["type"]>
    : ParsedOf<K["type"]> | undefined;
