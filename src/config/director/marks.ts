// Firewall marks that duet makes itself: the type of their lines, rows, and rules.

import type { Mark } from "../../ipvs/marks.ts";
import { familyIn } from "../schema/addresses.ts";
import type { Report } from "../schema/lines.ts";
import { type Draft, isGiven, lineOf, type Section } from "../schema/section.ts";
import { groupSectionOf, type Servers, serviceKeysOf } from "./effective.ts";
import { markLine } from "./ipvs-lines.ts";

type Service = Section<"virtual_server">;

export function judgeMarks(
  draft: Draft,
  servers: ReadonlyMap<string, Servers>,
  report: Report,
): void {
  for (const service of draft.virtual_server) {
    const { mark, fwmark } = service.values;
    if (mark.length === 0) continue;
    judgeFamilies(service, servers.get(service.labels[0] ?? "") ?? [], draft, report);
    if (fwmark !== undefined) judgeByHand(service, fwmark, draft, report);
  }
  judgeOverlaps(draft, report);
  judgeChecks(draft, report);
  judgeTable(draft, report);
}

function judgeFamilies(service: Service, servers: Servers, draft: Draft, report: Report): void {
  const [key] = serviceKeysOf(service, servers, draft) ?? [];
  if (key?.kind !== "fwmark") return;
  const other = service.values.mark.find(({ value }) => familyIn(value.address) !== key.family);
  if (other === undefined) return;
  const why = isGiven(service, "ip_family") ? "ip_family" : "the first mark";
  report(
    other.line,
    `Cannot use mark ${markLine.print(other.value)} in [${service.title}]: the service is IPv${key.family} by ${why}, and the other family needs a virtual server of its own`,
  );
}

/** One mark can be two services, of IPv4 and of IPv6. */
function judgeByHand(service: Service, fwmark: number, draft: Draft, report: Report): void {
  const other = draft.virtual_server.find((each) => {
    if (each === service || each.values.mark.length > 0) return false;
    const members = groupSectionOf(each, draft)?.values.member ?? [];
    const inGroup = members.some(({ value }) => value.kind === "fwmark" && value.fwmark === fwmark);
    return each.values.fwmark === fwmark || inGroup;
  });
  if (other === undefined) return;
  report(
    lineOf(service, "fwmark"),
    `fwmark ${fwmark} is made by duet for [${service.title}], and by hand for [${other.title}] (line ${other.line}): name the packets of both with mark, or use another number for one`,
    "warning",
  );
}

type Placed = { readonly mark: Mark; readonly service: Service; readonly line: number };

function judgeOverlaps(draft: Draft, report: Report): void {
  const known = new Map<string, Placed[]>();
  for (const service of draft.virtual_server) {
    for (const { value: mark, line } of service.values.mark) {
      const key = `${mark.address} ${mark.protocol}`;
      const others = known.get(key) ?? [];
      known.set(key, [...others, { mark, service, line }]);
      const other = others.find(
        (each) => each.mark.firstPort <= mark.lastPort && mark.firstPort <= each.mark.lastPort,
      );
      if (other === undefined) continue;
      const text = markLine.print(mark);
      const where =
        other.service === service
          ? "twice"
          : `in two virtual servers: [${other.service.title}] has it already`;
      const what = markLine.print(other.mark) === text ? "" : `, as ${markLine.print(other.mark)}`;
      report(line, `Cannot use mark ${text} ${where} (line ${other.line}${what})`);
    }
  }
  for (const service of draft.virtual_server) {
    const { address: endpoint, protocol } = service.values;
    if (endpoint === undefined || protocol === undefined) continue;
    const { address, port } = endpoint;
    const covering = known
      .get(`${address} ${protocol}`)
      ?.find(({ mark }) => port !== null && mark.firstPort <= port && port <= mark.lastPort);
    if (covering === undefined) continue;
    report(
      covering.line,
      `Cannot use mark ${markLine.print(covering.mark)} in [${covering.service.title}]: it is the address of [${service.title}] (line ${service.line}), which would get nothing`,
    );
  }
}

/** ip_vs_core.c: what this node sends with a mark is scheduled as well. */
function judgeChecks(draft: Draft, report: Report): void {
  for (const check of draft.check) {
    const { fwmark } = check.values;
    const service = draft.virtual_server.find(({ values }) => values.fwmark === fwmark);
    if (fwmark === undefined || service === undefined) continue;
    report(
      lineOf(check, "fwmark"),
      `Cannot probe one real server with fwmark ${fwmark}: it is the mark of [${service.title}], and IPVS spreads the probes like clients (use another mark)`,
      "warning",
    );
  }
}

function judgeTable(draft: Draft, report: Report): void {
  const { global } = draft;
  if (global.values.nftables !== global.values.nftables_ipvs) return;
  report(
    Math.max(lineOf(global, "nftables"), lineOf(global, "nftables_ipvs")),
    `Cannot use the table "${global.values.nftables}" for both nftables and nftables_ipvs: each needs one of its own`,
  );
}
