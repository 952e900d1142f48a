// Rules of [virtual_server.*], [real_server.*] and [check.*].

import { type Draft, isGiven, lineOf, type Section } from "./draft.ts";
import {
  familyIn,
  forwardOf,
  portOf,
  type Servers,
  serversByService,
  serviceKeyOf,
  weightOf,
} from "./effective.ts";
import type { Located } from "./spec.ts";
import { didYouMean } from "./suggest.ts";
import type { Report } from "./validate.ts";

type Service = Section<"virtual_server">;
type Server = Section<"real_server">;
type Checks = ReadonlyMap<string, Section<"check">>;

export function judgeDirector(draft: Draft, report: Report): void {
  const services = new Set(draft.virtual_server.map(({ labels }) => labels[0] ?? ""));
  const checks = new Map(draft.check.map((section) => [section.labels[0] ?? "", section]));
  const servers = serversByService(draft);
  for (const [name, orphans] of servers) {
    if (services.has(name)) continue;
    const hint = didYouMean(name, services);
    for (const { title, line } of orphans) {
      report(line, `Cannot use [${title}]: there is no [virtual_server.${name}]${hint}`);
    }
  }
  for (const check of draft.check) judgeCheck(check, report);
  judgeUniqueServices(draft, servers, report);
  for (const service of draft.virtual_server) {
    const behind = servers.get(service.labels[0] ?? "") ?? [];
    judgeService(service, behind, report);
    judgeCheckNames(service.values.check, checks, report);
    judgeUniqueServers(service, behind, report);
    for (const server of behind) judgeServer(server, service, checks, report);
  }
}

const httpKeys = ["path", "host", "status", "body", "regex"] as const;

function judgeCheck(check: Section<"check">, report: Report): void {
  if (check.values.type === "tcp") {
    for (const key of httpKeys) {
      if (!isGiven(check, key)) continue;
      report(lineOf(check, key), `Cannot use ${key} with type tcp: it is for type = http`);
    }
  } else if (isGiven(check, "body") && isGiven(check, "regex")) {
    report(
      Math.max(lineOf(check, "body"), lineOf(check, "regex")),
      "Cannot use body and regex in one check: leave one of them out",
    );
  }
}

function judgeCheckNames(names: readonly Located<string>[], checks: Checks, report: Report): void {
  for (const { value, line } of names) {
    if (checks.has(value)) continue;
    const hint = didYouMean(value, checks.keys());
    report(line, `Cannot use check "${value}": there is no [check.${value}]${hint}`);
  }
}

function judgeUniqueServices(
  draft: Draft,
  servers: ReadonlyMap<string, Servers>,
  report: Report,
): void {
  const owners = new Map<string, Service>();
  for (const service of draft.virtual_server) {
    const key = serviceKeyOf(service, servers.get(service.labels[0] ?? "") ?? []);
    if (key === undefined) continue;
    const id = JSON.stringify(key);
    const other = owners.get(id);
    if (other === undefined) {
      owners.set(id, service);
      continue;
    }
    const what =
      key.kind === "fwmark" ? `fwmark ${key.fwmark}` : `${key.protocol} ${key.address} ${key.port}`;
    report(
      lineOf(service, key.kind),
      `Cannot use ${what} in two virtual servers: [${other.title}] (line ${other.line}) has it already`,
    );
  }
}

function judgeService(service: Service, servers: Servers, report: Report): void {
  const { values, title, line } = service;
  const byAddress = isGiven(service, "address");
  const byMark = isGiven(service, "fwmark");
  if (byAddress && byMark) {
    report(
      Math.max(lineOf(service, "address"), lineOf(service, "fwmark")),
      `Cannot use both address and fwmark in [${title}]: leave one of them out`,
    );
  } else if (!byAddress && !byMark) {
    report(
      line,
      `Cannot use [${title}] without an address: add "address = IP:PORT" or "fwmark = N"`,
    );
  }
  if (byAddress && !isGiven(service, "protocol")) {
    report(
      lineOf(service, "address"),
      `Cannot use a port without a protocol in [${title}]: add "protocol = tcp" or "protocol = udp"`,
    );
  }
  if (byMark && !byAddress && isGiven(service, "protocol")) {
    report(
      lineOf(service, "protocol"),
      "Cannot use protocol with fwmark, it is ignored: the mark stands for every protocol",
      "warning",
    );
  }
  judgeQuorum(service, servers, report);
  judgeGranularity(service, servers, report);
  judgeSorryServer(service, report);
  if (values.address !== undefined) {
    judgeFamilies(service, values.address.address, servers, report);
  }
}

function judgeQuorum(service: Service, servers: Servers, report: Report): void {
  const { quorum, hysteresis } = service.values;
  if (hysteresis > 0 && hysteresis >= quorum) {
    report(
      lineOf(service, "hysteresis"),
      `Cannot use hysteresis ${hysteresis} with quorum ${quorum}: it must be less than the quorum`,
    );
  }
  if (!isGiven(service, "quorum")) return;
  const weights = servers.reduce((sum, server) => sum + weightOf(server, service), 0);
  if (quorum <= weights) return;
  report(
    lineOf(service, "quorum"),
    `Cannot reach quorum ${quorum}: the weights of the real servers add up to ${weights}`,
    "warning",
  );
}

function judgeGranularity(service: Service, servers: Servers, report: Report): void {
  const prefixLength = service.values.persistence_granularity;
  const key = serviceKeyOf(service, servers);
  if (prefixLength === undefined || prefixLength <= 32 || key === undefined) return;
  const family = key.kind === "fwmark" ? key.family : familyIn(key.address);
  if (family === 6) return;
  report(
    lineOf(service, "persistence_granularity"),
    `Cannot use persistence_granularity ${prefixLength} with IPv4: it must be 1 to 32`,
  );
}

function judgeSorryServer(service: Service, report: Report): void {
  const { sorry_server: sorry, lb_kind, address } = service.values;
  if (sorry === undefined) return;
  if (address !== undefined && familyIn(sorry.address) !== familyIn(address.address)) {
    if (lb_kind !== "TUN") {
      report(
        lineOf(service, "sorry_server"),
        `Cannot use sorry_server ${sorry.address} with ${address.address}: only TUN crosses between IPv4 and IPv6`,
      );
    }
  }
  if (sorry.port === null) {
    if (lb_kind === "NAT" && address !== undefined) {
      report(
        lineOf(service, "sorry_server"),
        `Cannot use sorry_server ${sorry.address} without a port: NAT needs ADDRESS:PORT`,
      );
    }
  } else if (lb_kind !== "NAT" && address !== undefined && sorry.port !== address.port) {
    report(
      lineOf(service, "sorry_server"),
      `Cannot use port ${sorry.port} of sorry_server with ${lb_kind}, port ${address.port ?? 0} is used: only NAT can change the port`,
      "warning",
    );
  }
}

function judgeFamilies(service: Service, address: string, servers: Servers, report: Report): void {
  const family = familyIn(address);
  for (const server of servers) {
    const own = server.values.address?.address;
    if (own === undefined || familyIn(own) === family) continue;
    if (forwardOf(server, service) === "TUN") continue;
    report(
      lineOf(server, "address"),
      `Cannot use real server ${own} with ${address}: only TUN crosses between IPv4 and IPv6`,
    );
  }
}

function judgeUniqueServers(service: Service, servers: Servers, report: Report): void {
  const owners = new Map<string, Server>();
  for (const server of servers) {
    const endpoint = server.values.address;
    if (endpoint === undefined) continue;
    const id = `${endpoint.address} ${portOf(endpoint.port, service)}`;
    const other = owners.get(id);
    if (other === undefined) owners.set(id, server);
    else {
      report(
        lineOf(server, "address"),
        `Cannot use real server ${endpoint.address} twice in [${service.title}]: [${other.title}] (line ${other.line}) has it already`,
      );
    }
  }
}

function judgeServer(server: Server, service: Service, checks: Checks, report: Report): void {
  judgeCheckNames(server.values.check, checks, report);
  const endpoint = server.values.address;
  const servicePort = service.values.address?.port ?? undefined;
  if (endpoint === undefined) return;
  const line = lineOf(server, "address");
  const forward = forwardOf(server, service);
  if (servicePort !== undefined) {
    if (endpoint.port === null && forward === "NAT") {
      report(
        line,
        `Cannot use real server ${endpoint.address} without a port: NAT needs ADDRESS:PORT`,
      );
    } else if (endpoint.port !== null && endpoint.port !== servicePort && forward !== "NAT") {
      report(
        line,
        `Cannot use port ${endpoint.port} with ${forward}: it must be ${servicePort}, only NAT can change the port`,
      );
    }
  }
  if (isGiven(service, "address") || endpoint.port !== null) return;
  for (const { value, line: at } of [...service.values.check, ...server.values.check]) {
    const check = checks.get(value);
    if (check === undefined || isGiven(check, "port")) continue;
    report(
      at,
      `Cannot use check "${value}" for [${server.title}]: the real server has no port, so the check needs one ("port = 80")`,
    );
  }
}
