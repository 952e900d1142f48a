// The checkers inside of real servers -> [check.NAME] sections, one for all real servers that have the same.

import { CHECK_TYPES, isPortless } from "../checks/kinds.ts";
import type { Around } from "../foreign/around.ts";
import type { SharedChecks } from "../foreign/shared-checks.ts";
import { Target } from "../foreign/target.ts";
import type { Entry } from "../schema/lines.ts";
import { booleanOf, carry } from "./carry.ts";
import { CHECKS, URL_KEYWORDS } from "./keywords.ts";
import { whyUnknown } from "./tracked.ts";
import type { Statement } from "./tree.ts";

export type Checks = {
  readonly shared: SharedChecks;
  /** Paths of track_file blocks. */
  readonly files: ReadonlyMap<string, string>;
  /** Where each begins. */
  readonly filesFrom: ReadonlyMap<string, number>;
  /** The names of virtual_server_group blocks. */
  readonly groups: ReadonlyMap<string, number>;
  /** Of the SSL block. */
  readonly tls: readonly Pick<Entry, "key" | "value" | "line">[];
};

/** What checks take from the virtual server; null = it says nothing. */
export type OfService = {
  readonly delay_loop: string | null;
  readonly retry: string | null;
  readonly delay_before_retry: string | null;
};

const TYPES: Readonly<Record<string, string>> = {
  TCP_CHECK: "tcp",
  HTTP_GET: "http",
  SSL_GET: "https",
  SMTP_CHECK: "smtp",
  DNS_CHECK: "dns",
  MISC_CHECK: "misc",
  UDP_CHECK: "udp",
  PING_CHECK: "ping",
  BFD_CHECK: "bfd",
  FILE_CHECK: "file",
};

/** Where neither the check nor its real or virtual server says it. */
const DEFAULTS: Readonly<
  Record<string, readonly ["retry" | "delay_before_retry", string] | undefined>
> = {
  http: ["delay_before_retry", "3"],
  https: ["delay_before_retry", "3"],
  dns: ["retry", "3"],
  misc: ["retry", "0"],
};

export function isCheck(keyword: string): boolean {
  return Object.hasOwn(TYPES, keyword);
}

/** A real server, to its checks. */
export type Checked = {
  /** For people. */
  readonly where: string;
  readonly server: Target;
  readonly service: OfService;
  /** As it is written, which is not always where its clients go; null = none. */
  readonly port: string | null;
  /** Does its address say that port. */
  readonly isItsOwn: boolean;
  readonly virtualHost: string | null;
  /** It is left out. */
  readonly drop: () => void;
};

type Draft = Checked & {
  readonly keyword: string;
  readonly checks: Checks;
  readonly around: Around;
};

export function addCheck(
  statement: Statement,
  checked: Checked,
  checks: Checks,
  around: Around,
): void {
  const [keyword = ""] = statement.words;
  const draft = { ...checked, keyword, checks, around };
  const urls: Statement[] = [];
  const hosts: Statement[] = [];
  let host = checked.virtualHost;
  const base = new Target("check", [], statement.line, around.remarks);
  base.set("type", TYPES[keyword] ?? "", statement.line);
  const own = (one: Statement, word: string): void => {
    if (word === "url") urls.push(one);
    else if (word === "host") hosts.push(one);
    else if (word === "virtualhost") host = one.words[1] ?? null;
    else ownOfCheck(one, word, base, draft);
  };
  const words = CHECKS[keyword] ?? new Map();
  for (const one of statement.block ?? []) carry(one, words, keyword, base, around.remarks, own);
  if (keyword === "HTTP_GET" || keyword === "SSL_GET") {
    addUrls(statement, urls, base, host, draft);
    return;
  }
  if (hosts.length === 0) {
    finish(base, [], draft);
    return;
  }
  for (const one of hosts) {
    const copy = copyOf(base, one.line, around);
    for (const each of one.block ?? []) carry(each, words, "host", copy, around.remarks, () => {});
    finish(copy, [], draft);
  }
}

function addUrls(
  statement: Statement,
  urls: readonly Statement[],
  base: Target,
  host: string | null,
  draft: Draft,
): void {
  const { around, checks, keyword } = draft;
  if (urls.length === 0) {
    around.remarks.neverInForce(statement.line, keyword, "it has no url");
    return;
  }
  base.setDefault("http_protocol", "1.0");
  if (keyword === "SSL_GET") {
    base.setDefault("verify", "no");
    for (const { key, value, line } of checks.tls) base.set(key, value ?? "", line);
  }
  for (const url of urls) {
    const copy = copyOf(base, url.line, around);
    let ofUrl = host;
    const own = (one: Statement, word: string): void => {
      if (word === "regex_options") {
        for (const option of one.words.slice(1)) copy.add("regex_options", option, one.line);
      } else copy.set(word, one.words.slice(1).join(" "), one.line);
    };
    for (const one of url.block ?? []) {
      if (one.words[0] === "virtualhost") ofUrl = one.words[1] ?? null;
      else carry(one, URL_KEYWORDS, "url", copy, around.remarks, own);
    }
    if (ofUrl !== null) copy.set("host", ofUrl, url.line);
    finish(copy, [copy.valueOf("path") ?? "/"], draft);
  }
}

function copyOf(base: Target, line: number, around: Around): Target {
  const copy = new Target("check", [], line, around.remarks);
  copy.takeOver(base);
  return copy;
}

function ownOfCheck(one: Statement, word: string, target: Target, draft: Draft): void {
  const { words, line } = one;
  const { around, checks, server } = draft;
  const [, first] = words;
  switch (word) {
    case "alpha":
      if (booleanOf(first) !== "no") server.set("alpha", "yes", line);
      return;
    case "nb_get_retry":
      target.set("retry", first ?? "", line, words.join(" "));
      return;
    case "enable_sni":
      return;
    case "type":
      target.set("query_type", (first ?? "").toUpperCase(), line);
      return;
    case "misc_timeout":
      target.set("timeout", first ?? "", line);
      return;
    case "payload":
      target.set("payload", `hex:${words.slice(1).join("")}`, line);
      return;
    case "require_reply":
      target.set("require_reply", words.slice(1).join("") || "yes", line);
      return;
    case "weight":
      target.set("weight", first ?? "", line);
      return;
    case "track_file": {
      const name = first ?? "";
      const why = whyUnknown(name, checks.filesFrom, line);
      if (why === undefined) target.set("file", checks.files.get(name) ?? "", line);
      else around.remarks.neverInForce(line, `track_file ${name}`, why);
    }
  }
}

/** keepalived asks port 0 then, where nobody answers. */
function dropUnasked({ line }: Target, { keyword, drop, where, around }: Draft): void {
  const why = `its ${keyword} has no port to ask (add connect_port)`;
  around.remarks.neverInForce(line, where, why);
  drop();
}

function asksPort(type: string): boolean {
  const known = CHECK_TYPES.find((one) => one === type);
  return known !== undefined && !isPortless(known);
}

/** The name of the check is put into its real server; the check is there already when another one has the same. */
function finish(target: Target, hints: readonly string[], draft: Draft): void {
  const { checks, server, service } = draft;
  const type = target.valueOf("type") ?? "";
  if (type === "file" && !target.has("file")) return;
  if (!draft.isItsOwn && asksPort(type) && !target.has("connect_port")) {
    if (draft.port === null) {
      dropUnasked(target, draft);
      return;
    }
    target.setDefault("connect_port", draft.port);
  }
  const [key, value = ""] = DEFAULTS[type] ?? [];
  if (key !== undefined && !server.has(key) && service[key] === null) target.setDefault(key, value);
  const intervalS =
    target.valueOf("delay_loop") ?? server.valueOf("delay_loop") ?? service.delay_loop;
  if (type === "misc" && !target.has("timeout") && intervalS !== null) {
    target.setDefault("timeout", intervalS);
  }
  // Without a reply that must come, no length of one is looked at.
  if (type === "udp" && target.has("require_reply")) target.setDefault("max_reply_length", "255");
  renameScript(target);
  server.add("check", checks.shared.nameOf(target, hints), target.line);
}

function renameScript(target: Target): void {
  const script = target.valueOf("misc_path");
  const user = target.valueOf("script_user");
  target.remove("script_user");
  if (script !== null && user !== null) target.set("user", user, target.line);
}
