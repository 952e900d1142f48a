// duet ipvs: ipvsadm's command line over netlink. The same under the name ipvsadm.

import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import {
  type ListCommand,
  PLAIN,
  type SettingCommand,
  type TableCommand,
} from "../ipvs/ipvsadm/command.ts";
import type { Connection } from "../ipvs/ipvsadm/connections.ts";
import type { Listing } from "../ipvs/ipvsadm/json.ts";
import { tableText, versionLine } from "../ipvs/ipvsadm/list-text.ts";
import type { Naming } from "../ipvs/ipvsadm/naming.ts";
import { parse } from "../ipvs/ipvsadm/parse.ts";
import { sortedServices } from "../ipvs/ipvsadm/sorting.ts";
import type { Names } from "../ipvs/ipvsadm/values.ts";
import {
  cachedNames,
  carryOut,
  type OpenIpvs,
  openOrSay,
  refusalText,
  touchedBy,
} from "./ipvs-kernel.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./options.ts";
import { print } from "./print.ts";

// What not every command needs is loaded when it is: the start of a program is most of its time. And what is over in a
// moment gains nothing from optimized code, but waits for it on a single core: only what takes much longer gets it.
setFlagsFromString("--interrupt-budget=1500000");

/** Where listings go. */
type Output = (parts: Iterable<string>) => void;

const REFUSED = 255;
const LIST_ALL: ListCommand = { kind: "list", what: "table", key: null, format: PLAIN };

/** ipvsadm's exit statuses: 0 done, 1 a listing failed, 2 bad usage or no IPVS, 255 refused or no sense. */
export async function runIpvs(
  args: readonly string[],
  program = "duet ipvs",
  output: Output = print,
): Promise<number> {
  if (args[0] === "diff") {
    return (await import("./ipvs-restore.ts")).runDiff(args.slice(1), program);
  }
  const names = cachedNames();
  const parsed =
    args.length === 0 ? { ok: true as const, command: LIST_ALL } : parse(args, { program, names });
  if (!parsed.ok) {
    console.error(parsed.message);
    return parsed.status;
  }
  const { command } = parsed;
  if (command.kind === "help" || command.kind === "version") {
    const { readVersion } = await import("../lib/version.ts");
    const { usageText } = await import("../ipvs/ipvsadm/usage.ts");
    console.log(`ipvsadm v1.31 (duet ${readVersion()})`);
    if (command.kind === "help") console.log(usageText(program, ["diff FILE"]));
    return EXIT_OK;
  }
  const ipvs = openOrSay(program);
  if (ipvs === undefined) return EXIT_USAGE;
  if (command.kind === "list") return list(ipvs, command, names, output);
  if (command.kind === "save") {
    const { saveText } = await import("../ipvs/ipvsadm/save-text.ts");
    output([saveText(ipvs.list(), command.numeric ? null : names)]);
    return EXIT_OK;
  }
  if (command.kind === "restore") {
    const { runRestore } = await import("./ipvs-restore.ts");
    return runRestore(ipvs, { program, replace: command.replace });
  }
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
  const { ownedWarning } = await import("./ipvs-owned.ts");
  const warning = await ownedWarning(program, touchedBy(command));
  if (warning !== undefined) console.error(warning);
  return EXIT_OK;
}

async function list(
  ipvs: OpenIpvs,
  command: ListCommand,
  names: Names,
  output: Output,
): Promise<number> {
  const { format } = command;
  const naming = format.numeric ? null : names;
  try {
    output(format.json ? [await jsonOf(ipvs, command)] : await textOf(ipvs, command, naming));
    return EXIT_OK;
  } catch (error) {
    console.error(error instanceof CannotOpen ? error.message : refusalText("list", error));
    return EXIT_FAILED;
  }
}

async function textOf(
  ipvs: OpenIpvs,
  command: ListCommand,
  naming: Naming,
): Promise<Iterable<string>> {
  switch (command.what) {
    case "connections": {
      const { connectionsText } = await import("../ipvs/ipvsadm/connections.ts");
      const withEngine = command.format.persistentConnections;
      return [connectionsText(await connections(), { withEngine, naming })];
    }
    case "timeout": {
      const { timeoutsText } = await import("../ipvs/ipvsadm/settings-text.ts");
      return [timeoutsText(ipvs.settings.timeouts())];
    }
    case "daemon": {
      const { daemonsText } = await import("../ipvs/ipvsadm/settings-text.ts");
      return [daemonsText(ipvs.settings.daemons())];
    }
    case "table":
      return tableParts(ipvs, command, naming);
  }
}

function* tableParts(
  ipvs: OpenIpvs,
  { key, format }: ListCommand,
  naming: Naming,
): Generator<string> {
  const options = { traffic: format.stats || format.rate };
  const services =
    key === null
      ? ipvs.each(options, format.sorted ? sortedServices : undefined)
      : [ipvs.find(key, options)];
  const { version, connectionTableSize } = ipvs.info;
  if (key === null) yield versionLine(version, connectionTableSize);
  yield* tableText(services, format, naming);
}

async function jsonOf(ipvs: OpenIpvs, command: ListCommand): Promise<string> {
  const { listingJson } = await import("../ipvs/ipvsadm/json.ts");
  return `${listingJson(await listingOf(ipvs, command))}\n`;
}

async function listingOf(
  { info, settings, ...ipvs }: OpenIpvs,
  { what, key, format }: ListCommand,
): Promise<Listing> {
  switch (what) {
    case "connections":
      return { what, connections: await connections() };
    case "timeout":
      return { what, timeouts: settings.timeouts() };
    case "daemon":
      return { what, daemons: settings.daemons() };
    case "table": {
      const options = { traffic: true };
      const services = key === null ? ipvs.list(options) : [ipvs.find(key, options)];
      return { what, info, services, sorted: format.sorted };
    }
  }
}

class CannotOpen extends Error {}

async function connections(): Promise<readonly Connection[]> {
  const { CONNECTIONS_FILE, readConnections } = await import("../ipvs/ipvsadm/connections.ts");
  try {
    return readConnections(readFileSync(CONNECTIONS_FILE, "utf8"));
  } catch (cause) {
    throw new CannotOpen(`cannot open file ${CONNECTIONS_FILE}`, { cause });
  }
}
