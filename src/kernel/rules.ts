// Rules that choose a routing table. linux/fib_rules.h.
//
//   fib_rule_hdr: family u8 | dst_len u8 | src_len u8 | tos u8 | table u8 | - u8 | - u8 | action u8 | flags u32

import { addressBytes, type Family } from "../lib/ip.ts";
import { DUET_PROTO } from "./addresses.ts";
import { type MessageWriter, readAttributes, u32Of } from "./attributes.ts";
import { type Netlink, NLM_F_CREATE, NLM_F_EXCL, type Request } from "./netlink.ts";
import type { NetlinkMessage } from "./netlink-messages.ts";
import { AF_INET, AF_INET6, FIB_RULE_INVERT, TABLE_IN_HEADER_MAX } from "./numbers.ts";

export const RTM_NEWRULE = 32;
export const RTM_DELRULE = 33;
const RTM_GETRULE = 34;

const FRA_DST = 1;
const FRA_SRC = 2;
const FRA_IIFNAME = 3;
const FRA_PRIORITY = 6;
const FRA_FWMARK = 10;
const FRA_TABLE = 15;
const FRA_FWMASK = 16;
const FRA_OIFNAME = 17;
const FRA_PROTOCOL = 21;
const FR_ACT_TO_TBL = 1;
const RULE_HEADER_BYTES = 12;

/** Those that say which packets a rule is for and where it leads, but for the mask, which need not be said. */
export const ruleAttributes = {
  same: [FRA_DST, FRA_SRC, FRA_IIFNAME, FRA_OIFNAME, FRA_PRIORITY, FRA_FWMARK, FRA_TABLE],
  mark: FRA_FWMARK,
  mask: FRA_FWMASK,
} as const;

export type Prefix = { readonly address: string; readonly prefixLength: number };

export type NewRule = {
  readonly family: Family;
  /** Holds for everything that does not match. */
  readonly not: boolean;
  /** null = all. */
  readonly from: Prefix | null;
  readonly to: Prefix | null;
  /** A mask of null is all bits. */
  readonly fwmark: { readonly mark: number; readonly mask: number | null } | null;
  readonly iif: string | null;
  readonly oif: string | null;
  readonly table: number;
  readonly priority: number;
};

export type Rule = {
  readonly family: Family;
  readonly priority: number;
  /** FRA_PROTOCOL (Linux 4.17): who made it. */
  readonly protocol: number | null;
  readonly body: Buffer;
};

/** Answers EEXIST when there is one that says the same. */
export function addRule(rule: NewRule): Request {
  const flags = NLM_F_CREATE | NLM_F_EXCL;
  return { type: RTM_NEWRULE, flags, body: (writer) => writeRule(writer, rule) };
}

/** Answers ENOENT when it is not there. */
export function removeRule(rule: NewRule): Request {
  return { type: RTM_DELRULE, flags: 0, body: (writer) => writeRule(writer, rule) };
}

/** Removes a rule that was read. */
export function removeReadRule({ body }: Pick<Rule, "body">): Request {
  return { type: RTM_DELRULE, flags: 0, body: (writer) => writer.raw(body) };
}

/** Those with this mark. */
export function listRules(netlink: Netlink, protocol: number): readonly Rule[] {
  return [AF_INET, AF_INET6].flatMap((family) => {
    const head = Buffer.alloc(RULE_HEADER_BYTES);
    head[0] = family;
    return netlink
      .dump({ type: RTM_GETRULE, flags: 0, body: (writer) => writer.raw(head) })
      .map(decodeRule)
      .filter((rule) => rule !== undefined)
      .filter((rule) => rule.protocol === protocol);
  });
}

/** The rule of an RTM_NEWRULE or RTM_DELRULE message. */
export function decodeRule({ body }: NetlinkMessage): Rule | undefined {
  const family = body[0] === AF_INET ? 4 : body[0] === AF_INET6 ? 6 : undefined;
  if (body.length < RULE_HEADER_BYTES || family === undefined) return undefined;
  const attributes = readAttributes(body, RULE_HEADER_BYTES);
  return {
    family,
    priority: u32Of(attributes.get(FRA_PRIORITY)) ?? 0,
    protocol: attributes.get(FRA_PROTOCOL)?.[0] ?? null,
    body,
  };
}

function writeRule(writer: MessageWriter, rule: NewRule): void {
  const { from, to, fwmark, table } = rule;
  writer.rawBytes(
    rule.family === 6 ? AF_INET6 : AF_INET,
    to?.prefixLength ?? 0,
    from?.prefixLength ?? 0,
    0,
    table <= TABLE_IN_HEADER_MAX ? table : 0,
    0,
    0,
    FR_ACT_TO_TBL,
  );
  writer.rawU32(rule.not ? FIB_RULE_INVERT : 0);
  writer.u32(FRA_PRIORITY, rule.priority);
  if (from !== null && from.prefixLength > 0) writer.attribute(FRA_SRC, addressBytes(from.address));
  if (to !== null && to.prefixLength > 0) writer.attribute(FRA_DST, addressBytes(to.address));
  if (rule.iif !== null) writer.text(FRA_IIFNAME, rule.iif);
  if (rule.oif !== null) writer.text(FRA_OIFNAME, rule.oif);
  if (fwmark !== null) {
    writer.u32(FRA_FWMARK, fwmark.mark);
    if (fwmark.mask !== null) writer.u32(FRA_FWMASK, fwmark.mask);
  }
  writer.u32(FRA_TABLE, table);
  writer.u8(FRA_PROTOCOL, DUET_PROTO);
}
