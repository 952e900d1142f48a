// Says so when a command touched what a running duet keeps as configured: it will be put back, and somebody would wonder.

import { existsSync } from "node:fs";
import { controlSocketPath } from "../control/requests.ts";
import type { VirtualServerStatus } from "../control/status.ts";
import { runDirOf } from "../lib/run-dir.ts";

const TIMEOUT_MS = 1000;
const NAMED_MAX = 3;

/** `touched`: serviceName() of what was changed; "all" = the whole table. undefined: nothing to say, or no duet runs here. */
export async function ownedWarning(
  program: string,
  touched: readonly string[] | "all",
): Promise<string | undefined> {
  const runDir = runDirOf();
  if (touched.length === 0 || !existsSync(controlSocketPath(runDir))) return undefined;
  // Loaded late: HTTP costs as much as all the rest of a command.
  const { request } = await import("../control/client.ts");
  const reply = await request({
    runDir,
    method: "GET",
    path: "/v1/status",
    timeoutMs: TIMEOUT_MS,
  });
  if (!reply.ok) return undefined;
  const owned = namesOf(reply.body);
  const names =
    touched === "all" ? owned : touched.filter((name) => owned.includes(withoutFamily(name)));
  if (names.length === 0) return undefined;
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : "";
  return (
    `${program}: warning: the running duet owns ${names.slice(0, NAMED_MAX).join(", ")}${more}: ` +
    "what was changed will be put back as configured within a second (change the configuration, then duet reload)"
  );
}

function namesOf(body: unknown): readonly string[] {
  const { virtual_servers: servers } = (body ?? {}) as {
    readonly virtual_servers?: readonly VirtualServerStatus[];
  };
  if (!Array.isArray(servers)) return [];
  return servers.flatMap(({ protocol, address, fwmark, group, services }: VirtualServerStatus) => {
    if (fwmark !== null) return [`fwmark ${fwmark}`];
    return (group ?? null) === null
      ? [`${protocol} ${address}`]
      : (services ?? []).map(withoutFamily);
  });
}

/** The status does not always tell of which family a firewall mark is. */
function withoutFamily(name: string): string {
  return name.replace(/ inet6$/, "");
}
