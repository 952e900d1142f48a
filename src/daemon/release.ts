// `duet release`: takes off every address, route, rule, interface and nftables table that a duet of this machine put on and
// left behind, and puts back the settings of IPVS, for the day all its processes were killed at once (systemd's
// ExecStopPost). Does nothing while a duet runs. Services stay in the IPVS table, for the next run to adopt.

import { join } from "node:path";
import { parseArgs } from "node:util";
import { openKept } from "../director/kept.ts";
import { openKernelAccess } from "../director/kernel.ts";
import { openLvsSettings } from "../director/settings.ts";
import { openIpvs } from "../ipvs/apply.ts";
import { DUET_PROTO, listAddresses, removeAddress } from "../kernel/addresses.ts";
import { listLinks } from "../kernel/links.ts";
import { NETLINK_ROUTE, openNetlink } from "../kernel/netlink.ts";
import { openNftLeases } from "../kernel/nft-leases.ts";
import { FIREWALL_TABLES, IPVS_TABLES, openNftables, type TableKind } from "../kernel/nftables.ts";
import { removeMarkedHops6 } from "../kernel/removals.ts";
import { listRoutes, removeReadRoute } from "../kernel/routes.ts";
import { listRules, removeReadRule } from "../kernel/rules.ts";
import { listMarkedLinks, removeLinks } from "../kernel/virtual-links.ts";
import { timeoutClock } from "../lib/clock.ts";
import { errorText } from "../lib/errors.ts";
import { type Log, openLog } from "../lib/log.ts";
import { runDirOf } from "../lib/run-dir.ts";
import { keepingSecondaries } from "../vip/holding/secondaries.ts";
import { runningDuet } from "./guardian/alone.ts";
import { directorSysctlPath, keptPath } from "./process/director-files.ts";
import { openSysctls } from "./process/sysctls.ts";

/** A lease may end, or a route go with its address, after they were listed. */
const GONE_ALREADY = ["EADDRNOTAVAIL", "ENODEV", "ESRCH", "ENOENT"];

/** Exit status: 0 done, 1 a duet runs or the kernel refused, 2 usage. */
export function runRelease(args: readonly string[]): number {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        "run-dir": { type: "string", default: runDirOf() },
      },
    });
    return release(values["run-dir"]);
  } catch (error) {
    process.stderr.write(`duet release: ${errorText(error)}\n`);
    return 2;
  }
}

function release(runDir: string): number {
  const running = runningDuet(runDir);
  if (running !== undefined) {
    process.stderr.write(`duet release: Cannot release: duet runs ${running}\n`);
    return 1;
  }
  // What the interfaces below had before.
  const log = openLog({ role: "release", level: "error" });
  openSysctls(join(runDir, "sysctl.json"), log);
  const trouble = restoreLvs(runDir, log);
  const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink", { strict: true });
  const rules = listRules(netlink, DUET_PROTO);
  const hops = removeMarkedHops6(netlink, DUET_PROTO);
  const routes = listRoutes(netlink, DUET_PROTO);
  const ours = listAddresses(netlink).filter(({ proto }) => proto === DUET_PROTO);
  const links = listMarkedLinks(netlink);
  const nameOf = new Map(listLinks(netlink).map(({ index, name }) => [index, name]));
  const going = ours.map((each) => ({ ...each, interface: nameOf.get(each.interfaceIndex) ?? "" }));
  const errors = keepingSecondaries(going, () =>
    netlink.batch([
      ...rules.map(removeReadRule),
      ...routes.map(removeReadRoute),
      ...ours.map(removeAddress),
      ...(links.length === 0 ? [] : removeLinks(links.map(({ index }) => index))),
    ]),
  );
  netlink.close();
  for (const kind of [FIREWALL_TABLES, IPVS_TABLES]) removeTables(kind);
  removeLeases();
  for (const { priority } of rules) process.stdout.write(`removed rule ${priority}\n`);
  for (const { destination, prefixLength, table } of [...hops, ...routes]) {
    process.stdout.write(`removed route ${destination}/${prefixLength} table ${table}\n`);
  }
  for (const { address, prefixLength } of ours) {
    process.stdout.write(`removed ${address}/${prefixLength}\n`);
  }
  for (const { name } of links) process.stdout.write(`removed interface ${name}\n`);
  const refused = [...errors.values()].filter(({ code }) => !GONE_ALREADY.includes(code));
  const failed = [...refused.map(errorText), ...trouble];
  for (const text of failed) process.stderr.write(`duet release: ${text}\n`);
  return failed.length === 0 ? 0 : 1;
}

/** When the addresses are gone: until then they are to be silent. */
function removeLeases(): void {
  try {
    const nft = openNftLeases();
    try {
      const left = nft.ours();
      nft.remove(left);
      for (const { name, family } of left) {
        process.stdout.write(`removed nftables table ${family} ${name}\n`);
      }
    } finally {
      nft.close();
    }
  } catch {
    // This kernel has no nftables: nothing of it can be left.
  }
}

/** Sync daemons, timeouts, net.ipv4.vs and forwarding; what could not be put back. */
function restoreLvs(runDir: string, log: Log): readonly string[] {
  const kernel = openKernelAccess({ open: openIpvs, log });
  const sysctls = openSysctls(directorSysctlPath(runDir), log);
  const kept = openKept(keptPath(runDir), log);
  const settings = openLvsSettings({ kernel, sysctls, kept, clock: timeoutClock, log });
  const left = settings.restore();
  kernel.close();
  return left;
}

/** The firewall's went with the process that made them, on Linux 5.12 and later. */
function removeTables(kind: TableKind): void {
  try {
    const nftables = openNftables(kind);
    try {
      for (const name of nftables.ours()) {
        nftables.remove(name);
        process.stdout.write(`removed nftables table ${name}\n`);
      }
    } finally {
      nftables.close();
    }
  } catch {
    // This kernel has no nftables: nothing of it can be left.
  }
}
