// Rules of [virtual_server.*] and [virtual_server_group.*].

import type { ServiceKey } from "../../ipvs/model.ts";
import type { KeyName } from "../keys.ts";
import { familyIn } from "../schema/addresses.ts";
import type { Report } from "../schema/lines.ts";
import { type Draft, isGiven, lineOf, type Section } from "../schema/section.ts";
import { groupSectionOf, quorumOf, type Servers, sorryMethodOf } from "./effective.ts";

type Service = Section<"virtual_server">;

/** `keys`: the services that it is, as far as they are right. */
export function judgeService(
  service: Service,
  keys: readonly ServiceKey[],
  servers: Servers,
  draft: Draft,
  report: Report,
): void {
  judgeWhere(service, keys, draft, report);
  judgeQuorum(service, servers, report);
  judgePersistence(service, keys, report);
  judgeFlags(service, report);
  judgeSorryServer(service, keys, report);
  const { ha_suspend, mark } = service.values;
  const addresses = keys.filter(({ kind }) => kind === "address").length + mark.length;
  if (ha_suspend && addresses === 0 && keys.length > 0)
    report(
      lineOf(service, "ha_suspend"),
      "Cannot use ha_suspend with firewall marks made by hand only: it needs an address that this node has or has not (mark names some)",
    );
}

export function judgeGroups(draft: Draft, report: Report): void {
  for (const group of draft.virtual_server_group) {
    const families = new Map<4 | 6, string>();
    for (const { value, line } of group.values.member) {
      if (value.kind !== "addresses") continue;
      const address = value.addresses[0] ?? "";
      const family = familyIn(address);
      const other = families.get(family === 4 ? 6 : 4);
      families.set(family, address);
      if (other === undefined) continue;
      report(
        line,
        `Cannot use ${address} beside ${other} in [${group.title}]: IPv4 and IPv6 need groups of their own`,
      );
      break;
    }
  }
}

const places = [
  "address",
  "fwmark",
  "group",
] as const satisfies readonly KeyName<"virtual_server">[];

function judgeWhere(
  service: Service,
  keys: readonly ServiceKey[],
  draft: Draft,
  report: Report,
): void {
  const { title, line } = service;
  const given = places.filter((place) => isGiven(service, place));
  if (given.length === 0) {
    report(
      line,
      `Cannot use [${title}] without an address: add "address = IP:PORT", "fwmark = N" or "group = NAME"`,
    );
  }
  judgeProtocol(service, draft, report);
  if (
    isGiven(service, "ip_family") &&
    keys.length > 0 &&
    !keys.some(({ kind }) => kind === "fwmark")
  ) {
    report(
      lineOf(service, "ip_family"),
      "Cannot use ip_family without a firewall mark, it is ignored: an address has its own family",
      "warning",
    );
  }
}

function judgeProtocol(service: Service, draft: Draft, report: Report): void {
  const { title } = service;
  const members = groupSectionOf(service, draft)?.values.member ?? [];
  const byAddress =
    isGiven(service, "address") || members.some(({ value }) => value.kind === "addresses");
  const byMark = isGiven(service, "fwmark") || members.length > 0;
  if (byAddress && !isGiven(service, "protocol")) {
    report(
      lineOf(service, isGiven(service, "address") ? "address" : "group"),
      `Cannot use an address without a protocol in [${title}]: add "protocol = tcp", "protocol = udp" or "protocol = sctp"`,
    );
  }
  if (byMark && !byAddress && isGiven(service, "protocol")) {
    report(
      lineOf(service, "protocol"),
      "Cannot use protocol with fwmark, it is ignored: the mark stands for every protocol",
      "warning",
    );
  }
}

function judgeQuorum(service: Service, servers: Servers, report: Report): void {
  const { hysteresis } = service.values;
  const { quorum, hysteresis: used } = quorumOf(service);
  if (used !== hysteresis) {
    report(
      lineOf(service, "hysteresis"),
      `Cannot use hysteresis ${hysteresis} with quorum ${quorum}, ${used} is used: it must be less than the quorum`,
      "warning",
    );
  }
  if (!isGiven(service, "quorum")) return;
  if (service.values.quorum === 0) {
    report(
      lineOf(service, "quorum"),
      "Cannot use quorum 0, 1 is used: without a real server nothing is served",
      "warning",
    );
  }
  const weights = servers.reduce((sum, server) => sum + server.values.weight, 0);
  if (quorum <= weights) return;
  report(
    lineOf(service, "quorum"),
    `Cannot reach quorum ${quorum}: the weights of the real servers add up to ${weights}`,
    "warning",
  );
}

function judgePersistence(service: Service, keys: readonly ServiceKey[], report: Report): void {
  const { persistence_granularity: granularity, persistence_engine: engine } = service.values;
  const isPersistent =
    isGiven(service, "persistence_timeout") || isGiven(service, "persistence_granularity");
  const families = keys.map((key) => (key.kind === "fwmark" ? key.family : familyIn(key.address)));
  const wrong =
    typeof granularity === "string"
      ? families.includes(6) && "IPv6: it must be 1 to 128"
      : (granularity ?? 0) > 32 && families.includes(4) && "IPv4: it must be 1 to 32";
  if (wrong !== false) {
    report(
      lineOf(service, "persistence_granularity"),
      `Cannot use persistence_granularity ${granularity} with ${wrong}`,
    );
  }
  // net/netfilter/ipvs/ip_vs_core.c, ip_vs_schedule(): port zero is for persistent services only.
  const portless = keys.find((key) => key.kind === "address" && key.port === 0);
  if (portless?.kind === "address" && !isPersistent) {
    report(
      lineOf(service, isGiven(service, "group") ? "group" : "address"),
      `Cannot use ${portless.address} without a port and without persistence: add a port (such as ${portless.address.includes(":") ? `[${portless.address}]` : portless.address}:80), or "persistence_timeout = 360" for a service of every port`,
    );
  }
  if (engine === "sip" && keys.some((key) => key.kind === "address" && key.protocol !== "udp")) {
    report(
      lineOf(service, "persistence_engine"),
      'Cannot use persistence_engine sip without UDP: it needs "protocol = udp"',
    );
  }
}

const schedulersOfFlags = {
  "sh-port": "sh",
  "sh-fallback": "sh",
  "mh-port": "mh",
  "mh-fallback": "mh",
} as const satisfies Partial<Record<KeyName<"virtual_server">, string>>;

function judgeFlags(service: Service, report: Report): void {
  const { values } = service;
  for (const flag of Object.keys(schedulersOfFlags) as (keyof typeof schedulersOfFlags)[]) {
    const scheduler = schedulersOfFlags[flag];
    if (!values[flag] || values.lb_algo === scheduler) continue;
    report(
      lineOf(service, flag),
      `Cannot use ${flag} with lb_algo ${values.lb_algo}: it needs "lb_algo = ${scheduler}"`,
    );
  }
  // ip_vs_core.c, ip_vs_schedule(): the flag counts for UDP alone.
  if (values.ops && values.protocol !== undefined && values.protocol !== "udp") {
    report(
      lineOf(service, "ops"),
      `Cannot use ops with protocol ${values.protocol}: it must be udp, or a firewall mark`,
    );
  }
}

function judgeSorryServer(service: Service, keys: readonly ServiceKey[], report: Report): void {
  const { sorry_server: sorry, address } = service.values;
  if (sorry === undefined) return;
  const line = lineOf(service, "sorry_server");
  const { forward } = sorryMethodOf(service);
  const other = keys.find(
    (key) => key.kind === "address" && familyIn(key.address) !== familyIn(sorry.address),
  );
  if (other?.kind === "address" && forward !== "TUN") {
    report(
      line,
      `Cannot use sorry_server ${sorry.address} with ${other.address}: only TUN crosses between IPv4 and IPv6`,
    );
  }
  if (address === undefined) return;
  if (sorry.port === null) {
    if (forward === "NAT" && address.port !== null) {
      report(
        line,
        `The sorry_server ${sorry.address} has no port, so that of the service is used: ${address.port}`,
        "warning",
      );
    }
  } else if (forward !== "NAT" && sorry.port !== address.port) {
    report(
      line,
      `Cannot use port ${sorry.port} of sorry_server with ${forward}, port ${address.port ?? 0} is used: only NAT can change the port`,
      "warning",
    );
  }
}
