// Rules of [real_server.*] behind its virtual server.

import type { ServiceKey } from "../../ipvs/model.ts";
import { familyOf } from "../../lib/ip.ts";
import { isPortless } from "../checks/kinds.ts";
import { familyIn } from "../schema/addresses.ts";
import type { Report } from "../schema/lines.ts";
import { openOwners } from "../schema/relations.ts";
import { isGiven, lineOf, type Section } from "../schema/section.ts";
import { type Servers, serverPortOf } from "./effective.ts";

type Service = Section<"virtual_server">;
type Server = Section<"real_server">;
type Checks = ReadonlyMap<string, Section<"check">>;

/** `keys`: the services that the virtual server is, as far as they are right. */
export function judgeServers(
  service: Service,
  keys: readonly ServiceKey[],
  servers: Servers,
  checks: Checks,
  report: Report,
): void {
  judgeUnique(service, servers, report);
  for (const server of servers) {
    judgeFamily(server, keys, report);
    judgePort(server, service, keys, report);
    judgeCheckPorts(server, service, checks, report);
    judgeCheckQuorum(server, service, report);
    judgeCheckSources(server, service, checks, report);
  }
}

function judgeUnique(service: Service, servers: Servers, report: Report): void {
  const owners = openOwners(report);
  for (const server of servers) {
    const endpoint = server.values.address;
    if (endpoint === undefined) continue;
    const id = `${endpoint.address} ${serverPortOf(server, service)}`;
    owners(id, `address ${endpoint.address}`, server, lineOf(server, "address"));
  }
}

/** ip_vs_ctl.c: the kernel refuses another family unless it is tunnelled. */
function judgeFamily(server: Server, keys: readonly ServiceKey[], report: Report): void {
  const own = server.values.address?.address;
  if (own === undefined || server.values.lb_kind.forward === "TUN") return;
  const family = familyIn(own);
  const other = keys.find(
    (key) => (key.kind === "fwmark" ? key.family : familyIn(key.address)) !== family,
  );
  if (other === undefined) return;
  const what =
    other.kind === "fwmark" ? `the IPv${other.family} mark ${other.fwmark}` : other.address;
  report(
    lineOf(server, "address"),
    `Cannot use real server ${own} with ${what}: only TUN crosses between IPv4 and IPv6`,
  );
}

function judgePort(
  server: Server,
  service: Service,
  keys: readonly ServiceKey[],
  report: Report,
): void {
  const endpoint = server.values.address;
  if (endpoint === undefined) return;
  const line = lineOf(server, "address");
  const forward = server.values.lb_kind.forward;
  if (endpoint.port === null) {
    if (forward !== "NAT" || !service.values.address?.port) return;
    report(
      line,
      `The real server ${endpoint.address} has no port, so that of the service is used: ${service.values.address.port}`,
      "warning",
    );
    return;
  }
  if (forward === "NAT") return;
  const other = keys.find((key) => key.kind === "address" && key.port !== endpoint.port);
  if (other?.kind !== "address") return;
  const right = other.port === 0 ? "it must be left out" : `it must be ${other.port}`;
  // Of a service with one address the right port is known, and keepalived puts it there as well.
  const isFixed = service.values.address !== undefined;
  report(
    line,
    isFixed
      ? `Cannot use port ${endpoint.port} with ${forward}, ${other.port === 0 ? "none" : other.port} is used: only NAT can change the port`
      : `Cannot use port ${endpoint.port} with ${forward}: ${right}, only NAT can change the port`,
    isFixed ? "warning" : "error",
  );
}

function judgeCheckPorts(server: Server, service: Service, checks: Checks, report: Report): void {
  const endpoint = server.values.address;
  if (endpoint === undefined || serverPortOf(server, service) !== 0) return;
  if (isGiven(service, "address") && service.values.address === undefined) return;
  for (const { value, line: at } of [...service.values.check, ...server.values.check]) {
    const check = checks.get(value);
    const { type } = check?.values ?? {};
    if (check === undefined || type === undefined || isPortless(type)) continue;
    if (isGiven(check, "port")) continue;
    report(
      at,
      `Cannot use check "${value}" for [${server.title}]: the real server has no port, so the check needs one ("port = 80")`,
    );
  }
}

function judgeCheckQuorum(server: Server, service: Service, report: Report): void {
  const holder = isGiven(server, "check_quorum") ? server : service;
  const { check_quorum: quorum } = holder.values;
  if (quorum === undefined) return;
  const names = new Set([...service.values.check, ...server.values.check].map((one) => one.value));
  if (quorum > names.size) {
    report(
      lineOf(holder, "check_quorum"),
      `Cannot use check_quorum ${quorum}: [${server.title}] has ${names.size} checks`,
    );
  }
}

/** A probe cannot go to one family from an address of the other. */
function judgeCheckSources(server: Server, service: Service, checks: Checks, report: Report): void {
  for (const { value, line } of [...service.values.check, ...server.values.check]) {
    const { bind_address: from, address = server.values.address?.address } =
      checks.get(value)?.values ?? {};
    if (from === undefined || address === undefined || familyOf(from) === familyOf(address))
      continue;
    report(
      line,
      `Cannot use check "${value}" for [${server.title}]: it goes from ${from} to ${address}, which is the other address family`,
    );
  }
}
