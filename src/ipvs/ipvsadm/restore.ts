// Lines to restore -> the table they lead to, or everything that is wrong with them. Pure: the table is passed in, so a
// file can be judged as a whole before the kernel hears of it.

import { unreachable } from "../../lib/unreachable.ts";
import { placeOf } from "../canonical.ts";
import { type Destination, type Service, type ServiceKey, serviceName } from "../model.ts";
import { type Operation, subjectOf } from "../reconcile.ts";
import type { Command, SettingCommand, TableCommand } from "./command.ts";
import { errorTextOf } from "./error-text.ts";
import { advice, type Parsed } from "./parse.ts";

export type LineProblem = {
  readonly line: number;
  readonly text: string;
  readonly message: string;
  /** It is understood, and the table has no place for it. */
  readonly byKernel: boolean;
};

export type Restored = {
  readonly services: readonly Service[];
  /** In order; to be done after the table. */
  readonly settings: readonly SettingCommand[];
  readonly problems: readonly LineProblem[];
  readonly lineCount: number;
  /** The line that an operation comes from, as far as one does. */
  readonly lineOf: (operation: Operation) => LineOrigin | undefined;
};

type LineOrigin = { readonly line: number; readonly text: string };
/** One command, in words. */
export type CommandLine = LineOrigin & { readonly words: readonly string[] };
type Entry = LineOrigin & { readonly command: Command };

type RestoreOptions = {
  /** The table that the lines are added to. */
  readonly base: readonly Service[];
  readonly parseLine: (words: readonly string[]) => Parsed;
  readonly program: string;
};

export function restore(text: string, options: RestoreOptions): Restored {
  return restoreLines(linesOf(text), options);
}

/** Blank lines and those that begin with "#" are none. */
function linesOf(text: string): readonly CommandLine[] {
  return text.split("\n").flatMap((line, index) => {
    // A leading "ipvsadm" is left out: lines of a shell script can be restored.
    const words = line.match(/[^ \t\r]+/g)?.filter((word) => word !== "ipvsadm") ?? [];
    if (words[0] === undefined || words[0].startsWith("#")) return [];
    return [{ line: index + 1, text: line.trim(), words }];
  });
}

export function restoreLines(lines: readonly CommandLine[], options: RestoreOptions): Restored {
  const problems: LineProblem[] = [];
  const settings: SettingCommand[] = [];
  const table = newTable(options.base);
  for (const { words, ...origin } of lines) {
    const parsed = options.parseLine(words);
    const message = parsed.ok
      ? carryOut({ ...origin, command: parsed.command }, table, settings)
      : parsed.message.trim();
    if (message === undefined) continue;
    const isAdvice = message === advice(options.program);
    problems.push({
      ...origin,
      message: isAdvice ? "no command is there" : message,
      byKernel: parsed.ok,
    });
  }
  return {
    services: table.services(),
    settings,
    problems,
    lineCount: lines.length,
    lineOf: table.originOf,
  };
}

/** What is wrong, or undefined. */
function carryOut(entry: Entry, table: PaperTable, settings: SettingCommand[]): string | undefined {
  const { command } = entry;
  switch (command.kind) {
    case "set":
    case "start-daemon":
    case "stop-daemon":
    case "zero":
      settings.push(command);
      return undefined;
    case "list":
    case "save":
    case "restore":
    case "help":
    case "version":
      return `Cannot ${command.kind} in a restore: a line can only change something`;
    case "clear":
      table.change(command, entry);
      return undefined;
    case "add-service":
    case "edit-service":
    case "delete-service":
    case "add-server":
    case "edit-server":
    case "delete-server": {
      const code = table.change(command, entry);
      return code && errorTextOf(command.kind, code);
    }
    default:
      return unreachable(command);
  }
}

type PaperTable = {
  /** The errno that the kernel would give, by name; undefined = done. */
  readonly change: (command: TableCommand, origin: LineOrigin) => string | undefined;
  readonly services: () => readonly Service[];
  readonly originOf: Restored["lineOf"];
};

type PaperService = {
  service: Omit<Service, "destinations">;
  readonly servers: Map<string, Destination>;
};

/** The kernel's table as far as its refusals can be foretold. */
function newTable(base: readonly Service[]): PaperTable {
  const entries = new Map<string, PaperService>();
  const origins = new Map<string, LineOrigin>();
  let cleared: LineOrigin | undefined;
  for (const { destinations, ...service } of base) {
    const servers = new Map(destinations.map((each) => [placeOf(each), each]));
    entries.set(serviceName(service.key), { service, servers });
  }

  function change(command: TableCommand, origin: LineOrigin): string | undefined {
    switch (command.kind) {
      case "clear":
        entries.clear();
        cleared = origin;
        return undefined;
      case "add-service":
      case "edit-service": {
        const name = serviceName(command.service.key);
        const entry = entries.get(name);
        if (command.kind === "add-service") {
          if (entry !== undefined) return "EEXIST";
          entries.set(name, { service: command.service, servers: new Map() });
        } else {
          if (entry === undefined) return "ESRCH";
          entry.service = command.service;
        }
        origins.set(name, origin);
        return undefined;
      }
      case "delete-service": {
        const name = serviceName(command.key);
        origins.set(name, origin);
        return entries.delete(name) ? undefined : "ESRCH";
      }
      case "add-server":
      case "edit-server":
      case "delete-server":
        return changeServer(command, origin);
      default:
        return unreachable(command);
    }
  }

  function changeServer(
    command: TableCommand & { readonly destination: Destination; readonly key: ServiceKey },
    origin: LineOrigin,
  ): string | undefined {
    const name = serviceName(command.key);
    const servers = entries.get(name)?.servers;
    if (servers === undefined) return "ESRCH";
    const place = placeOf(command.destination);
    if (command.kind === "add-server" && servers.has(place)) return "EEXIST";
    if (command.kind !== "add-server" && !servers.has(place)) return "ENOENT";
    if (command.kind === "delete-server") servers.delete(place);
    else servers.set(place, command.destination);
    origins.set(`${name} ${place}`, origin);
    return undefined;
  }

  return {
    change,
    services: () =>
      [...entries.values()].map(({ service, servers }) => ({
        ...service,
        destinations: [...servers.values()],
      })),
    originOf(operation) {
      const name = serviceName(subjectOf(operation));
      const place = "destination" in operation ? ` ${placeOf(operation.destination)}` : "";
      return origins.get(name + place) ?? origins.get(name) ?? cleared;
    },
  };
}
