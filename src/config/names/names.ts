// Names of hosts and ports in place of addresses and numbers, as ldirectord takes them: which ones a file has, and the sections
// with what was found in their place. Pure: look-up.ts asks. Nobody after this sees a name, so the configuration of
// a node is a matter of its file and of the moment when it was read.

import { canonicalAddress, compareAddresses, familyOf, hostPort } from "../../lib/ip.ts";
import { keysOf, SECTION_NAMES, type SectionName, spellingsOf } from "../keys.ts";
import type { Entry, LineProblem, RawSection } from "../schema/lines.ts";
import { didYouMean } from "../schema/suggest.ts";
import { kindOf } from "../schema/titles.ts";
import type { KeyType } from "../schema/type.ts";

export type HostAnswer =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly reason: string };

export type Names = {
  readonly hosts: ReadonlyMap<string, HostAnswer>;
  /** "http/tcp" -> 80: services(5). */
  readonly ports: ReadonlyMap<string, number>;
  /** Nobody looked: the addresses only stand for the names. */
  readonly unseen?: true;
};

/** An address with the number of a port, or without one, is none of these. */
type Written = { readonly host: string; readonly port: string | undefined };

export function hostsNamedIn(sections: readonly RawSection[]): readonly string[] {
  const hosts = new Set<string>();
  for (const section of sections) {
    const mayName = hostKeysOf(section);
    for (const entry of section.entries) {
      const host = writtenIn(mayName, entry)?.host;
      if (host !== undefined && familyOf(host) === undefined) hosts.add(host);
    }
  }
  return [...hosts];
}

export function putNames(
  sections: readonly RawSection[],
  names: Names,
): { readonly sections: readonly RawSection[]; readonly problems: readonly LineProblem[] } {
  const problems: LineProblem[] = [];
  const services = servicesOf(sections, names);
  const put = (section: RawSection, entry: Entry, mayName: HostKeys): Entry => {
    const written = writtenIn(mayName, entry);
    if (written === undefined) return entry;
    const { value, line } = entry;
    const { family, protocols } = services.get(serviceNameOf(section) ?? "") ?? NO_SERVICE;
    const host = hostOf(written.host, names, family);
    const port = portOf(written.port, names, protocols);
    for (const found of [host, port]) {
      if (found.ok) continue;
      const message = `Cannot use ${entry.key} ${JSON.stringify(value)}: ${found.why}`;
      problems.push({ line, message, severity: "error" });
    }
    if (!host.ok || !port.ok) return { ...entry, value: null };
    const result = port.port === null ? host.address : hostPort(host.address, port.port);
    if (names.unseen) return { ...entry, value: result };
    const message = `${value} is ${result} now${host.choice}: it is looked up once, at start and reload`;
    problems.push({ line, message, severity: "warning" });
    return { ...entry, value: result };
  };
  return {
    sections: sections.map((section) => {
      const mayName = hostKeysOf(section);
      const hasNames = section.entries.some((entry) => writtenIn(mayName, entry) !== undefined);
      if (!hasNames) return section;
      return { ...section, entries: section.entries.map((entry) => put(section, entry, mayName)) };
    }),
    problems,
  };
}

type HostKeys = ReadonlyMap<string, "address" | "endpoint">;

const hostKeys = new Map(SECTION_NAMES.map((kind) => [kind as string, hostKeysIn(kind)]));

function hostKeysIn(kind: SectionName): HostKeys {
  const found = new Map<string, "address" | "endpoint">();
  for (const [spelling, key] of spellingsOf(kind)) {
    const hosts = keysOf(kind)[key]?.type.hosts;
    if (hosts !== undefined) found.set(spelling, hosts);
  }
  return found;
}

const NO_KEYS: HostKeys = new Map();

/** The keys of a section that may name a host. */
function hostKeysOf({ name = "" }: RawSection): HostKeys {
  return hostKeys.get(kindOf(name).kind) ?? NO_KEYS;
}

function writtenIn(mayName: HostKeys, { key, list, value }: Entry): Written | undefined {
  const hosts = mayName.get(key);
  if (hosts === undefined || value === null || list) return undefined;
  return parseWritten(value, hosts);
}

/**
 * For the problem of a value that is no address, ", and no name of a host: ..."; "" where it holds no name. An election cannot
 * wait for name servers, and what a service is known by in the kernel's table is not to be another one after the next reload.
 */
export function nameHint({ numeric }: KeyType<unknown>, text: string): string {
  if (numeric === undefined) return "";
  const [where = "", port] = text.split(/[\s/]+/);
  const [, host = where, joined] = /^([^:]+|\[.*\]):([^:]*)$/.exec(where) ?? [];
  const isNamed = isHostName(host) && /[a-z]/i.test(host);
  if (isNamed) return `, and no name of a host: ${ONLY_THERE}`;
  const named = numeric === "place" ? (joined ?? port) : undefined;
  const isAddress = familyOf(host.replace(/^\[|\]$/g, "")) !== undefined;
  return isAddress &&
    named !== undefined &&
    isServiceName(named) &&
    !/^(?:tcp|udp|sctp)$/i.test(named)
    ? `, and no name of a port: ${ONLY_THERE}`
    : "";
}

const ONLY_THERE =
  "names are taken in address and sorry_server of services and servers, and in address of a check, and nowhere else";

/** What is no name, and no address with a name of a port, is left to the parser of values. */
function parseWritten(text: string, kind: "address" | "endpoint"): Written | undefined {
  // Nearly all are IPv4 addresses: neither is a name.
  if (/^[\d.]+(?::\d+)?$/.test(text)) return undefined;
  const [, inBrackets, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::([^:]*))?$/.exec(text) ?? [];
  const host = inBrackets ?? plain ?? "";
  if (kind === "address" && port !== undefined) return undefined;
  const isAddress = familyOf(host) === (inBrackets === undefined ? 4 : 6);
  const hasPortName = port !== undefined && isServiceName(port);
  if (isAddress) return hasPortName ? { host, port } : undefined;
  if (inBrackets !== undefined || !isHostName(host)) return undefined;
  return port === undefined || hasPortName || /^\d{1,5}$/.test(port) ? { host, port } : undefined;
}

const HOST_NAME_MAX = 253;

/** RFC 1123 §2.1, and _. One whose last part is a number is an address with a slip: getaddrinfo() would take 10.1 for 10.0.0.1. */
function isHostName(text: string): boolean {
  const parts = text.replace(/\.$/, "").split(".");
  return (
    text.length <= HOST_NAME_MAX &&
    parts.every((part) => /^[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?$/i.test(part)) &&
    !/^(?:\d+|0x[\da-f]*)$/i.test(parts.at(-1) ?? "")
  );
}

/** RFC 6335 §5.1 asks for a letter; /etc/services has . and _ and + too. */
function isServiceName(text: string): boolean {
  return /^[\w.+-]{1,64}$/.test(text) && /[a-z]/i.test(text);
}

type Service = { readonly family: 4 | 6 | undefined; readonly protocols: readonly string[] };

/** A mark is of no protocol. */
const NO_SERVICE: Service = { family: undefined, protocols: ["tcp", "udp"] };

/** Of each virtual server what its own lines say, by its name. */
function servicesOf(sections: readonly RawSection[], names: Names): ReadonlyMap<string, Service> {
  const groups = new Map(
    sections.flatMap((section) =>
      section.name?.startsWith("virtual_server_group.") ? [[section.name, section]] : [],
    ),
  );
  const services = new Map<string, Service>();
  for (const section of sections) {
    if (!section.name?.startsWith("virtual_server.")) continue;
    const protocol = textOf(section, "protocol")?.toLowerCase();
    const members = groups.get(`virtual_server_group.${textOf(section, "group")}`);
    services.set(serviceNameOf(section) ?? "", {
      family: familyOfService(section, members, names),
      protocols: protocol === undefined ? NO_SERVICE.protocols : [protocol],
    });
  }
  return services;
}

const families: Readonly<Record<string, 4 | 6>> = { inet: 4, inet6: 6 };

function familyOfService(
  section: RawSection,
  members: RawSection | undefined,
  names: Names,
): 4 | 6 | undefined {
  const said = families[textOf(section, "ip_family") ?? ""];
  if (said !== undefined) return said;
  const text = textOf(section, "address") ?? textOf(section, "mark");
  if (text !== undefined) {
    const written = parseWritten(text, "endpoint");
    const host = written === undefined ? undefined : hostOf(written.host, names, undefined);
    if (host !== undefined) return host.ok ? familyOf(host.address) : undefined;
    return /^\[|:.*:/.test(text) ? 6 : 4;
  }
  const member = members === undefined ? undefined : textOf(members, "member");
  if (member === undefined || member.startsWith("fwmark")) return undefined;
  return member.includes(":") ? 6 : 4;
}

function textOf(section: RawSection, key: string): string | undefined {
  return section.entries.find((entry) => entry.key === key)?.value ?? undefined;
}

/** Of [virtual_server.VS] and [real_server.VS.NAME]. */
function serviceNameOf({ name = "", labels }: RawSection): string | undefined {
  const { kind } = kindOf(name);
  return kind === "virtual_server" || kind === "real_server" ? labels?.[0] : undefined;
}

type Host =
  | { readonly ok: true; readonly address: string; readonly choice: string }
  | { readonly ok: false; readonly why: string };

/**
 * Of several addresses the lowest of the family, IPv4 where none is said: name servers turn their answers, and both directors
 * of a pair, and each reload, are to come to the same one.
 */
function hostOf(host: string, names: Names, family: 4 | 6 | undefined): Host {
  if (familyOf(host) !== undefined) return { ok: true, address: host, choice: "" };
  const answer = names.hosts.get(host) ?? { ok: false, reason: "nobody looked it up" };
  const addresses = answer.ok ? usable(answer.addresses) : [];
  const [first] = addresses.filter((address) => familyOf(address) === (family ?? 4));
  const address = first ?? addresses[0];
  if (address === undefined) {
    const reason = answer.ok ? "it has no address" : answer.reason;
    return {
      ok: false,
      why: `${host} cannot be looked up, ${reason}: it must be a name that resolves, or an address such as 10.0.0.1`,
    };
  }
  const choice =
    addresses.length === 1 ? "" : ` (the one that is used of ${listed(addresses, ADDRESSES_TOLD)})`;
  return { ok: true, address, choice };
}

const ADDRESSES_TOLD = 4;

/** In the order of their numbers, without repetition. */
function usable(addresses: readonly string[]): readonly string[] {
  const found = new Set(addresses.flatMap((address) => canonicalAddress(address) ?? []));
  return [...found].sort(
    (a, b) => (familyOf(a) ?? 0) - (familyOf(b) ?? 0) || compareAddresses(a, b),
  );
}

function listed(items: readonly string[], max: number): string {
  const more = items.length > max ? ` and ${items.length - max} more` : "";
  return `${items.slice(0, max).join(", ")}${more}`;
}

type Port =
  | { readonly ok: true; readonly port: number | null }
  | { readonly ok: false; readonly why: string };

function portOf(port: string | undefined, names: Names, protocols: readonly string[]): Port {
  if (port === undefined) return { ok: true, port: null };
  if (/^\d+$/.test(port)) return { ok: true, port: Number(port) };
  for (const protocol of protocols) {
    const number = names.ports.get(`${port}/${protocol}`);
    if (number !== undefined) return { ok: true, port: number };
  }
  const known = [...names.ports.keys()].flatMap((key) => {
    const [name = "", protocol = ""] = key.split("/");
    return protocols.includes(protocol) ? [name] : [];
  });
  return {
    ok: false,
    why: `/etc/services has no ${port} of ${protocols.join(" and ")}: it must be a port from 1 to 65535, or the name of one${didYouMean(port, known)}`,
  };
}
