// What a reload of the running duet to another configuration would change. The wings say it by the functions that a reload
// itself is carried out with; what each key of the file becomes is said by config/diff.ts. Changes nothing: it reads what the
// director would read, no more.

import { configDifferences } from "../../config/diff.ts";
import type { Config } from "../../config/model.ts";
import type { Plan, Running } from "../../control/plan.ts";
import type { InstanceStatus } from "../../control/status.ts";
import { judgeForwarding } from "../../director/forwarding.ts";
import { openMaintenance } from "../../director/maintenance.ts";
import { openPresence } from "../../director/presence.ts";
import { isSuspended, serverKey } from "../../director/standing.ts";
import { timeoutClock } from "../../lib/clock.ts";
import { openLog } from "../../lib/log.ts";
import type { DirectorFacts, DirectorWanted } from "../director/plan.ts";
import { waitsForStart } from "../guardian/reload.ts";
import { type Half, halfOf } from "../guardian/stand-in/stand-in.ts";
import { needsDirector } from "../process/needs-director.ts";
import { needsVrrp } from "../process/needs-vrrp.ts";
import { addRouters } from "./routers.ts";
import { addDaemons, addServices, NO_FACTS } from "./services.ts";
import { openSubjects, type Subjects } from "./subjects.ts";

export async function planReload(running: Running, read: Config): Promise<Plan> {
  const after = halfOf(read, (running.half ?? null) as Half | null);
  return planFrom(running, after, await lookAround(after));
}

export type Surroundings = Pick<DirectorWanted, "isOut" | "isSuspended" | "refused">;

/** Without a look at this machine. */
export function planFrom(running: Running, after: Config, around: Surroundings): Plan {
  const before = running.config as Config;
  const statuses = statusesIn(running.vrrp);
  const subjects = openSubjects(configDifferences(before, after), waitsForStart(before, after));
  const { add } = subjects;
  addProcesses(before, after, add);
  addRouters(before, after, statuses, add);
  if (needsDirector(before) || needsDirector(after)) {
    const facts = (running.director ?? NO_FACTS) as DirectorFacts;
    addServices(before, after, facts, around, add);
    const masters = new Set(
      statuses.flatMap(({ name, state }) => (state === "MASTER" ? [name] : [])),
    );
    addDaemons(before, after, (name) => name !== null && masters.has(name), add);
  }
  return subjects.plan();
}

function statusesIn(body: unknown): readonly InstanceStatus[] {
  const { vrrp_instances } = (body ?? {}) as {
    readonly vrrp_instances?: readonly InstanceStatus[];
  };
  return vrrp_instances ?? [];
}

/** A role that a configuration does not need is not there. */
function addProcesses(before: Config, after: Config, add: Subjects["add"]): void {
  const needs = { vrrp: needsVrrp, director: needsDirector };
  for (const [role, isNeeded] of Object.entries(needs)) {
    const [was, is] = [isNeeded(before), isNeeded(after)];
    if (was === is) continue;
    const text = `the process of the ${role} role ${is ? "starts" : "ends"}`;
    add("global", { class: "connections_kept", text });
  }
}

/** Files of the maintenance directory, addresses and settings of this machine, as the director will find them. */
async function lookAround({ global, lvs, virtualServers }: Config): Promise<Surroundings> {
  const { maintenanceDirectory } = global;
  const log = openLog({ role: "plan", level: "fatal" });
  const maintenance = openMaintenance({ clock: timeoutClock, log, onChange: () => {} });
  const presence = openPresence(() => {});
  try {
    await maintenance.configure(maintenanceDirectory, virtualServers);
    presence.watch(virtualServers.some(({ haSuspend }) => haSuspend));
    const suspended = virtualServers.filter((each) => isSuspended(each, presence.has));
    const resting = new Set(suspended.map(({ name }) => name));
    const out = new Set(
      virtualServers.flatMap(({ name, realServers }) =>
        realServers
          .filter((server) => maintenance.fileOf(name, server) !== undefined)
          .map((server) => serverKey(name, server.name)),
      ),
    );
    return {
      isOut: (virtualServer, realServer) => out.has(serverKey(virtualServer, realServer)),
      isSuspended: ({ name }) => resting.has(name),
      refused: judgeForwarding(lvs.ipForward).problemsOf(virtualServers),
    };
  } finally {
    maintenance.close();
    presence.close();
  }
}
