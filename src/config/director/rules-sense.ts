// What can be run, and is hardly what somebody meant: warnings.

import type { ServiceKey } from "../../ipvs/model.ts";
import type { Report } from "../schema/lines.ts";
import { type Draft, isGiven, lineOf, type Section } from "../schema/section.ts";
import type { Surroundings } from "../surroundings.ts";
import { heldLinesOf } from "../vrrp/effective.ts";
import { type Servers, serversByService, serviceKeysOf } from "./effective.ts";

type Service = Section<"virtual_server">;
type Timed = Section<"check"> | Section<"virtual_server"> | Section<"real_server">;

export function judgeSense(draft: Draft, { ownAddresses }: Surroundings, report: Report): void {
  const held = heldAddresses(draft);
  const servers = serversByService(draft);
  const names = new Set(draft.virtual_server.map(({ labels }) => labels[0] ?? ""));
  // A misspelt name has left it without, and is told already.
  const isMisspelt = [...servers.keys()].some((name) => !names.has(name));
  for (const service of draft.virtual_server) {
    const behind = servers.get(service.labels[0] ?? "") ?? [];
    const keys = serviceKeysOf(service, behind, draft) ?? [];
    if (!isMisspelt) judgeEmpty(service, behind, report);
    judgeLoops(service, keys, behind, held, report);
    if (draft.vrrp_instance.length > 0) judgeHolder(service, keys, held, ownAddresses, report);
  }
  for (const timed of [...draft.check, ...draft.virtual_server, ...draft.real_server]) {
    judgeTimeout(timed, report);
  }
  for (const check of draft.check) judgeNames(check, report);
  for (const script of draft.vrrp_script) judgeScriptTimeout(script, report);
}

function heldAddresses(draft: Draft): ReadonlySet<string> {
  const lines = [
    ...draft.vrrp_instance.flatMap(heldLinesOf),
    ...draft.global.values.static_ipaddress,
  ];
  return new Set(lines.map(({ value }) => value.address));
}

function judgeEmpty(service: Service, servers: Servers, report: Report): void {
  if (servers.some(({ values }) => values.weight > 0)) return;
  const effect = isGiven(service, "sorry_server")
    ? "its sorry_server serves always"
    : "clients are refused";
  report(
    service.line,
    servers.length === 0
      ? `[${service.title}] has no [real_server.${service.labels[0]}.NAME]: ${effect}`
      : `All real servers of [${service.title}] have weight 0: ${effect}`,
    "warning",
  );
}

/** What is sent to a virtual address comes back to the director that holds it. */
function judgeLoops(
  service: Service,
  keys: readonly ServiceKey[],
  servers: Servers,
  held: ReadonlySet<string>,
  report: Report,
): void {
  const served = new Set(keys.flatMap((key) => (key.kind === "address" ? [key.address] : [])));
  const sorry = service.values.sorry_server;
  if (sorry !== undefined && (served.has(sorry.address) || held.has(sorry.address))) {
    report(
      lineOf(service, "sorry_server"),
      `The sorry_server ${sorry.address} of [${service.title}] is a virtual address: the director would send to itself (it must be the server's own address)`,
      "warning",
    );
  }
  for (const server of servers) {
    const address = server.values.address?.address;
    if (address === undefined || !(served.has(address) || held.has(address))) continue;
    report(
      lineOf(server, "address"),
      `The real server ${address} of [${service.title}] is a virtual address: the director would send to itself (it must be the server's own address)`,
      "warning",
    );
  }
}

function judgeHolder(
  service: Service,
  keys: readonly ServiceKey[],
  held: ReadonlySet<string>,
  own: Surroundings["ownAddresses"],
  report: Report,
): void {
  const isThere = (address: string): boolean => held.has(address) || own?.has(address) === true;
  const tell = (address: string, what: string, line: number): void => {
    const effect =
      own === null
        ? "nobody reaches it where the machine has no such address of its own"
        : "and it is none of this machine: nobody reaches it here";
    report(
      line,
      `No instance holds ${address}, ${what} of [${service.title}]${own === null ? ":" : ","} ${effect} (add it to virtual_ipaddress[])`,
      "warning",
    );
  };
  const [lost] = keys.flatMap((key) =>
    key.kind === "address" && !isThere(key.address) ? [key.address] : [],
  );
  if (lost !== undefined) {
    tell(lost, "the address", lineOf(service, isGiven(service, "group") ? "group" : "address"));
  }
  const mark = service.values.mark.find(({ value }) => !isThere(value.address));
  if (mark !== undefined) tell(mark.value.address, "a mark", mark.line);
}

/** Names that are told to the server, where a port has no place. */
function judgeNames(check: Section<"check">, report: Report): void {
  for (const key of ["sni_name", "helo_name"] as const) {
    const [, name] = /^([^:]+):\d{1,5}$/.exec(check.values[key] ?? "") ?? [];
    if (name === undefined) continue;
    const written = JSON.stringify(check.values[key]);
    report(
      lineOf(check, key),
      `${key} ${written} holds a port, which is no part of a name: it must be ${name}`,
      "warning",
    );
  }
}

/** Only where one section says both, for what is inherited is right for somebody else; up to twice as long costs one probe. */
function judgeTimeout(section: Timed, report: Report): void {
  const { interval, timeout } = section.values;
  if (section.lines["interval"] === undefined || section.lines["timeout"] === undefined) return;
  if (interval === undefined || timeout === undefined || timeout <= 2 * interval) return;
  report(
    lineOf(section, "timeout"),
    `timeout ${timeout / 1000} is longer than interval ${interval / 1000}: who does not answer is asked every ${timeout / 1000} s only`,
    "warning",
  );
}

function judgeScriptTimeout(script: Section<"vrrp_script">, report: Report): void {
  const { interval, timeout } = script.values;
  if (timeout === undefined || timeout <= interval) return;
  report(
    lineOf(script, "timeout"),
    `timeout ${timeout / 1000} is longer than interval ${interval / 1000}: runs are left out while one still goes on`,
    "warning",
  );
}
