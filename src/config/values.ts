// One value: text -> what keys.ts says it is. Addresses are in addresses.ts.

import { unreachable } from "../lib/unreachable.ts";
import {
  accept,
  interfaceNameRule,
  isInterfaceName,
  type Judged,
  parseAddress,
  parseAddressLine,
  parseEndpoint,
  parseGroup,
  parseNetmask,
  parsePeer,
  refuse,
} from "./addresses.ts";
import { isLabel, labelRule } from "./judged.ts";
import type {
  ExtraIf,
  InitFile,
  Parsed,
  StatusRanges,
  Tracked,
  ValueType,
  Weight,
} from "./spec.ts";
import { didYouMean } from "./suggest.ts";
import { parseHmacKey, parsePassword } from "./values-auth.ts";
import { parseDomain, parseReplyPattern, parseSipUri } from "./values-checks.ts";
import { parseGroupMember } from "./values-groups.ts";
import { parseGrpcService, parseHeader, parseMd5 } from "./values-http.ts";
import {
  parseLvsMethod,
  parseLvsSysctl,
  parseLvsTimeouts,
  parseSyncDaemon,
} from "./values-ipvs.ts";
import { parseMark } from "./values-marks.ts";
import {
  parseFifo,
  parseMailbox,
  parseMailServer,
  parsePhases,
  parseUser,
} from "./values-notify.ts";
import { parsePattern, parsePayload, parseRegex } from "./values-payload.ts";
import { parseRouteLine, parseRuleLine } from "./values-routes.ts";
import { parseIpvlan, parseVmac, parseVmacPrefix } from "./values-vmac.ts";

export function parseValue(type: ValueType, text: string): Judged<Parsed[keyof Parsed]> {
  if (text === "") return refuse("written after the =, or the whole line left out");
  // Only what goes over the wire may hold a line feed: everything else ends up in logs, headers and command lines.
  if (!MULTILINE.has(type.kind) && hasControl(text)) {
    return refuse("without control characters");
  }
  switch (type.kind) {
    case "duration":
      return parseDuration(text, type);
    case "bool":
      return parseBool(text);
    case "integer":
      return parseInteger(text, type);
    case "enum":
      return parseWord(text, type.words);
    case "endpoint":
      return parseEndpoint(text, type.port);
    case "address_line":
      return parseAddressLine(text);
    case "route_line":
      return parseRouteLine(text);
    case "rule_line":
      return parseRuleLine(text);
    case "interface":
      return isInterfaceName(text) ? accept(text) : refuse(interfaceNameRule);
    case "netmask":
      return parseNetmask(text);
    case "status":
      return parseStatus(text);
    case "weight":
      return parseWeight(text.split(/\s+/), type.max);
    case "tracked":
      return parseTracked(text, type);
    case "extra_if":
      return parseExtraIf(text);
    case "init_file":
      return parseInitFile(text);
    case "address":
      return parseAddress(text);
    case "group":
      return parseGroup(text, type.family);
    case "name":
      return isLabel(text) ? accept(text) : refuse(labelRule);
    case "path":
      return /^\/[\x21-\x7e]*$/.test(text)
        ? accept(text)
        : refuse("a path that begins with / and holds no spaces (write %20)");
    case "word":
      return /^[\x21-\x7e]{1,255}$/.test(text)
        ? accept(text)
        : refuse("one word of up to 255 letters");
    case "text":
      return accept(text);
    case "domain":
      return parseDomain(text);
    case "reply_pattern":
      return parseReplyPattern(text);
    case "sip_uri":
      return parseSipUri(text);
    case "line":
    case "secret":
      return text.length <= LINE_MAX ? accept(text) : refuse(`up to ${LINE_MAX} letters long`);
    case "regex":
      return parseRegex(text);
    case "header":
      return parseHeader(text);
    case "grpc_service":
      return parseGrpcService(text);
    case "md5":
      return parseMd5(text);
    case "payload":
      return parsePayload(text);
    case "pattern":
      return parsePattern(text);
    case "file":
      return text.startsWith("/") ? accept(text) : refuse("a path that begins with /");
    case "command":
      return text.length <= COMMAND_MAX
        ? accept(text)
        : refuse(`up to ${COMMAND_MAX} letters long`);
    case "user":
      return parseUser(text);
    case "fifo":
      return parseFifo(text);
    case "mailbox":
      return parseMailbox(text);
    case "phases":
      return parsePhases(text);
    case "mail_server":
      return parseMailServer(text);
    case "password":
      return parsePassword(text);
    case "hmac_key":
      return parseHmacKey(text);
    case "vmac":
      return parseVmac(text);
    case "ipvlan":
      return parseIpvlan(text);
    case "vmac_prefix":
      return parseVmacPrefix(text);
    case "peer":
      return parsePeer(text);
    case "lvs_method":
      return parseLvsMethod(text);
    case "group_member":
      return parseGroupMember(text);
    case "mark":
      return parseMark(text);
    case "lvs_timeouts":
      return parseLvsTimeouts(text);
    case "lvs_sysctl":
      return parseLvsSysctl(text);
    case "sync_daemon":
      return parseSyncDaemon(text);
    default:
      return unreachable(type);
  }
}

const MULTILINE: ReadonlySet<string> = new Set(["text", "regex", "payload", "pattern"]);

const COMMAND_MAX = 4096;
const LINE_MAX = 1024;

/** 1500 -> "1500ms", 5000 -> "5": parseValue() makes the same of it. */
export function formatDuration(ms: number): string {
  return ms % 1000 === 0 ? String(ms / 1000) : `${ms}ms`;
}

type Limits = Omit<Extract<ValueType, { readonly kind: "duration" }>, "kind">;

const LONG_PACE_MS = 500_000;

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function parseDuration(
  text: string,
  { minMs, maxMs, wholeSeconds, bareMs, pace }: Limits,
): Judged<number> {
  const range = `${spoken(minMs)} to ${spoken(maxMs)}`;
  const examples = bareMs ? "with its unit, such as 50ms or 1s" : "such as 5, 2s, 250ms or 1m";
  const right = `${wholeSeconds ? "whole seconds" : "a time"} from ${range}, ${examples}`;
  const match = /^(\d{1,9}(?:\.\d{1,6})?)\s?(ms|s|m|h)?$/.exec(text);
  if (match === null) return refuse(right);
  // Microseconds are the grain: 0.29 s is 290 ms, not 289.99999999999994.
  const unit = match[2] ?? (bareMs ? "ms" : "s");
  const ms = Math.round(Number(match[1]) * (unitsMs[unit] ?? 0) * 1000) / 1000;
  if (ms < minMs || ms > maxMs || (wholeSeconds && ms % 1000 !== 0)) return refuse(right);
  if (match[2] !== undefined) return accept(ms);
  if (pace && ms >= LONG_PACE_MS) {
    const seconds = Number(match[1]);
    return accept(ms, `that is ${seconds} seconds: write ${seconds}ms or ${seconds}s`);
  }
  if (!bareMs) return accept(ms);
  return accept(
    ms,
    `a number alone is milliseconds here, as in keepalived, and seconds elsewhere: write ${match[1]}ms`,
  );
}

function spoken(ms: number): string {
  return ms < 1000 && ms > 0 ? `${ms}ms` : `${ms / 1000}s`;
}

function parseBool(text: string): Judged<boolean> {
  const word = text.toLowerCase();
  if (word === "yes" || word === "true" || word === "on") return accept(true);
  if (word === "no" || word === "false" || word === "off") return accept(false);
  return refuse("yes or no (or true, false, on, off)");
}

function parseInteger(
  text: string,
  { min, max, range }: { readonly min: number; readonly max: number; readonly range?: string },
): Judged<number> {
  const right = range ?? `${min} to ${max}`;
  if (!/^[+-]?\d{1,15}$/.test(text)) return refuse(right);
  const number = Number(text);
  return number < min || number > max ? refuse(right) : accept(number + 0);
}

function parseWord(text: string, words: readonly string[]): Judged<string> {
  // keepalived's files say "TCP" and "dr" as well.
  const found = words.find((word) => word.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return accept(found);
  const list = words.length === 2 ? words.join(" or ") : `one of ${words.join(", ")}`;
  return refuse(`${list}${didYouMean(text, words)}`);
}

function parseStatus(text: string): Judged<StatusRanges> {
  const right = "status codes from 100 to 599 and ranges of them, such as 200 301-302";
  const ranges: (readonly [number, number])[] = [];
  for (const part of text.split(/[\s,]+/)) {
    const match = /^(\d{3})(?:-(\d{3}))?$/.exec(part);
    if (match === null) return refuse(right);
    const low = Number(match[1]);
    const high = Number(match[2] ?? match[1]);
    if (low < 100 || high > 599 || low > high) return refuse(right);
    ranges.push([low, high]);
  }
  return accept(ranges);
}

function parseWeight(words: readonly string[], max = WEIGHT_MAX): Judged<Weight> {
  const right = `${-max} to ${max}, and then perhaps reverse`;
  const [number = "", direction = "noreverse", ...rest] = words;
  const judged = parseInteger(number, { min: -max, max });
  if (!judged.ok || rest.length > 0) return refuse(right);
  if (direction !== "reverse" && direction !== "noreverse") return refuse(right);
  return accept({ weight: judged.value, reverse: direction === "reverse" });
}

const WEIGHT_MAX = 253;

function parseTracked(
  text: string,
  { max = WEIGHT_MAX, what }: { readonly max?: number; readonly what?: "interface" },
): Judged<Tracked> {
  const right = `${what?.toUpperCase() ?? "NAME"} [weight N [reverse]], with a weight from ${-max} to ${max}`;
  const [name = "", word, ...rest] = text.split(/\s+/);
  if (what === "interface" ? !isInterfaceName(name) : !isLabel(name)) return refuse(right);
  if (word === undefined) return accept({ name, weight: null });
  const weight = word === "weight" ? parseWeight(rest, max) : refuse(right);
  return weight.ok ? accept({ name, weight: weight.value }) : refuse(right);
}

const EXTRA_IF_MAX_S = 86_400;

function parseExtraIf(text: string): Judged<ExtraIf> {
  const [, all, seconds] = /^(all\s+)?(\d+)$/.exec(text) ?? [];
  if (seconds === undefined || Number(seconds) > EXTRA_IF_MAX_S) {
    return refuse(`[all] SECONDS, with 0 to ${EXTRA_IF_MAX_S} seconds, 0 = never`);
  }
  return accept({ everyMs: Number(seconds) * 1000, all: all !== undefined });
}

function parseInitFile(text: string): Judged<InitFile> {
  const match = /^(-?\d{1,9})?(?:(?:^|\s+)(overwrite))?$/.exec(text);
  if (match === null) return refuse("a number, and then perhaps overwrite");
  return accept({ value: Number(match[1] ?? 0), overwrite: match[2] !== undefined });
}

const TAB = 9;

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 32 && code !== TAB) || code === 127) return true;
  }
  return false;
}
