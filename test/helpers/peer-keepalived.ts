// A real keepalived as the peer: VRRP only, in the foreground, with its files in a directory of its own.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Place, Teardown } from "./daemon-place.ts";
import { linesOf } from "./daemon-place.ts";
import { killQuietly } from "./duet.ts";
import { eventually, PATIENCE_MS } from "./wait.ts";

export type Keepalived = {
  readonly lines: () => readonly string[];
  /** Waits for `Entering STATE` as the latest transition. */
  readonly becomes: (state: "MASTER" | "BACKUP" | "FAULT", deadlineMs?: number) => Promise<void>;
  /** A VRRP process that the parent started again has entered a state. */
  readonly restarted: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Pids of its parent process and its VRRP process, those that live. */
  readonly processes: () => ReadonlyMap<string, number>;
  /** Parent and VRRP process at once, so that nobody cleans up. */
  readonly killAll: () => void;
};

/** What keepalived calls one instance; the rest is keepalived's default. */
export function keepalivedInstance(settings: {
  readonly interface: string;
  readonly vrid: number;
  readonly priority: number;
  readonly version: 2 | 3;
  readonly advertS: number;
  readonly vips: readonly string[];
  readonly more?: string;
}): string {
  const { interface: device, vrid, priority, version, advertS, vips, more = "" } = settings;
  return `
global_defs {
  router_id peer
}
vrrp_instance VI {
  state BACKUP
  interface ${device}
  virtual_router_id ${vrid}
  priority ${priority}
  version ${version}
  advert_int ${advertS}
  virtual_ipaddress {
    ${vips.join("\n    ")}
  }
  ${more}
}
`;
}

export async function startKeepalived(
  t: Teardown,
  place: Place,
  config: string,
): Promise<Keepalived> {
  const directory = mkdtempSync(join(tmpdir(), "duet-peer-"));
  const at = (name: string): string => join(directory, name);
  writeFileSync(at("keepalived.conf"), config, { mode: 0o600 });
  const options = [
    "-n",
    "-l",
    "-D",
    "-P",
    "-f",
    at("keepalived.conf"),
    "-p",
    at("pid"),
    "-r",
    at("vrrp.pid"),
  ];
  // It looks for a running one of each kind, also of those that it does not start.
  const pids = ["-c", at("checkers.pid"), "-b", at("bfd.pid")];
  // A duet that a test killed here left the kernel silent for its virtual routers, for minutes.
  for (const table of leaseTablesIn(place)) place.run(`/usr/sbin/nft delete ${table}`);
  const child = place.spawn("keepalived", [...options, ...pids]);
  const lines: string[] = [];
  linesOf(child.stdout, (line) => lines.push(line));
  linesOf(child.stderr, (line) => lines.push(line));
  let gone = false;
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      gone = true;
      resolve();
    });
  });

  function killAll(): void {
    if (child.pid !== undefined && !gone) killQuietly(child.pid, "SIGSTOP");
    const vrrpPid = pidIn(at("vrrp.pid"));
    if (vrrpPid !== undefined) killQuietly(vrrpPid, "SIGKILL");
    child.kill("SIGKILL");
  }

  t.teardown(() => {
    if (!gone) killAll();
    rmSync(directory, { recursive: true, force: true });
  });

  const latest = (): string | undefined =>
    lines.findLast((line) => line.includes("Entering "))?.match(/Entering (\w+) STATE/)?.[1];
  await eventually("keepalived at work", () => {
    if (gone) throw new Error(`keepalived ended: ${lines.join("\n")}`);
    return latest() !== undefined;
  });
  return {
    lines: () => lines,
    async becomes(state, deadlineMs = PATIENCE_MS) {
      await eventually(`keepalived in ${state}`, () => latest() === state, deadlineMs);
    },
    async restarted() {
      await eventually("a state of the VRRP process that was started again", () => {
        const isStart = (line: string): boolean => line.includes("Respawning");
        const since = lines.slice(lines.findLastIndex(isStart));
        return since.some(isStart) && since.some((line) => line.includes("Entering "));
      });
    },
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
    processes() {
      const vrrp = pidIn(at("vrrp.pid"));
      const pids = [
        ["parent", gone ? undefined : child.pid],
        ["vrrp", vrrp],
      ] as const;
      return new Map(
        pids.flatMap(([role, pid]) =>
          pid !== undefined && existsSync(`/proc/${pid}/exe`) ? [[role, pid]] : [],
        ),
      );
    },
    killAll,
  };
}

/** The full path is the system's nft: npm has another one. */
function leaseTablesIn(place: Place): readonly string[] {
  const tables = place.run("/usr/sbin/nft list tables").split("\n");
  return tables.filter((table) => table.includes(" duet_lease_"));
}

function pidIn(file: string): number | undefined {
  try {
    return Number(readFileSync(file, "utf8").trim()) || undefined;
  } catch {
    return undefined;
  }
}
