// duet ipvs: ipvsadm's command line over netlink. The same under the name ipvsadm.

import { readFileSync } from "node:fs";
import {
  type ListCommand,
  PLAIN,
  type SettingCommand,
  type TableCommand,
} from "../ipvs/ipvsadm/command.ts";
import { CONNECTIONS_FILE, connectionsText, readConnections } from "../ipvs/ipvsadm/connections.ts";
import { listingJson } from "../ipvs/ipvsadm/json.ts";
import { tableText, versionLine } from "../ipvs/ipvsadm/list-text.ts";
import type { Naming } from "../ipvs/ipvsadm/naming.ts";
import { parse } from "../ipvs/ipvsadm/parse.ts";
import { saveText } from "../ipvs/ipvsadm/save-text.ts";
import { daemonsText, timeoutsText } from "../ipvs/ipvsadm/settings-text.ts";
import { usageText } from "../ipvs/ipvsadm/usage.ts";
import type { Names } from "../ipvs/ipvsadm/values.ts";
import { readVersion } from "../lib/version.ts";
import {
  cachedNames,
  carryOut,
  type OpenIpvs,
  openOrSay,
  refusalText,
  touchedBy,
} from "./ipvs-kernel.ts";
import { ownedWarning } from "./ipvs-owned.ts";
import { runDiff, runRestore } from "./ipvs-restore.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./options.ts";

const REFUSED = 255;
const LIST_ALL: ListCommand = { kind: "list", what: "table", key: null, format: PLAIN };

/** ipvsadm's exit statuses: 0 done, 1 a listing failed, 2 bad usage or no IPVS, 255 refused or no sense. */
export async function runIpvs(args: readonly string[], program = "duet ipvs"): Promise<number> {
  if (args[0] === "diff") return runDiff(args.slice(1), program);
  const names = cachedNames();
  const parsed =
    args.length === 0 ? { ok: true as const, command: LIST_ALL } : parse(args, { program, names });
  if (!parsed.ok) {
    console.error(parsed.message);
    return parsed.status;
  }
  const { command } = parsed;
  if (command.kind === "help" || command.kind === "version") {
    console.log(`ipvsadm v1.31 (duet ${readVersion()})`);
    if (command.kind === "help") console.log(usageText(program, ["diff FILE"]));
    return EXIT_OK;
  }
  const ipvs = openOrSay(program);
  if (ipvs === undefined) return EXIT_USAGE;
  if (command.kind === "list") return list(ipvs, command, names);
  if (command.kind === "save") {
    print(saveText(ipvs.list(), command.numeric ? null : names));
    return EXIT_OK;
  }
  if (command.kind === "restore") return runRestore(ipvs, { program, replace: command.replace });
  return change(ipvs, command, program);
}

async function change(
  ipvs: OpenIpvs,
  command: TableCommand | SettingCommand,
  program: string,
): Promise<number> {
  try {
    carryOut(ipvs, command);
  } catch (error) {
    const asked = command.kind === "set" || command.kind === "clear" ? "anything" : command.kind;
    console.error(refusalText(asked, error));
    return REFUSED;
  }
  const warning = await ownedWarning(program, touchedBy(command));
  if (warning !== undefined) console.error(warning);
  return EXIT_OK;
}

function list(ipvs: OpenIpvs, command: ListCommand, names: Names): number {
  const { format } = command;
  const naming = format.numeric ? null : names;
  try {
    print(format.json ? `${jsonOf(ipvs, command)}\n` : textOf(ipvs, command, naming));
    return EXIT_OK;
  } catch (error) {
    console.error(error instanceof CannotOpen ? error.message : refusalText("list", error));
    return EXIT_FAILED;
  }
}

function textOf(ipvs: OpenIpvs, { what, key, format }: ListCommand, naming: Naming): string {
  switch (what) {
    case "connections":
      return connectionsText(connections(), { withEngine: format.persistentConnections, naming });
    case "timeout":
      return timeoutsText(ipvs.settings.timeouts());
    case "daemon":
      return daemonsText(ipvs.settings.daemons());
    case "table": {
      const options = { traffic: format.stats || format.rate };
      if (key !== null) return tableText([ipvs.find(key, options)], format, naming);
      const { version, connectionTableSize } = ipvs.info;
      return (
        versionLine(version, connectionTableSize) + tableText(ipvs.list(options), format, naming)
      );
    }
  }
}

function jsonOf({ info, settings, ...ipvs }: OpenIpvs, { what, key, format }: ListCommand): string {
  switch (what) {
    case "connections":
      return listingJson({ what, connections: connections() });
    case "timeout":
      return listingJson({ what, timeouts: settings.timeouts() });
    case "daemon":
      return listingJson({ what, daemons: settings.daemons() });
    case "table": {
      const options = { traffic: true };
      const services = key === null ? ipvs.list(options) : [ipvs.find(key, options)];
      return listingJson({ what, info, services, sorted: format.sorted });
    }
  }
}

/** By console, which takes no offence when nobody reads any more. */
function print(text: string): void {
  if (text !== "") console.log(text.slice(0, -1));
}

class CannotOpen extends Error {}

function connections(): ReturnType<typeof readConnections> {
  try {
    return readConnections(readFileSync(CONNECTIONS_FILE, "utf8"));
  } catch (cause) {
    throw new CannotOpen(`cannot open file ${CONNECTIONS_FILE}`, { cause });
  }
}
