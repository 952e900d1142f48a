// The house rules that a reader of the sources can check: what is banned where, how long a file and a function is, who
// imports whom, and that nothing lies about unused. What does not hold yet everywhere names its exceptions; a list of them
// only ever becomes shorter.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import test from "ava";
import { functionsOf } from "./helpers/functions.ts";

type Ban = {
  readonly what: string;
  readonly pattern: RegExp;
  /** Files, and folders with their slash, in which it is allowed. */
  readonly except: readonly string[];
  readonly instead: string;
};

const clock = "src/lib/clock.ts";

const bans: readonly Ban[] = [
  {
    what: "console",
    pattern: /\bconsole\./,
    except: ["src/cli/"],
    instead: "take a Log, or write to process.stdout in cli/",
  },
  {
    what: "the wall clock",
    pattern: /\bDate\.now\b|\bnew Date\(\)/,
    except: [clock, "src/kernel/"],
    instead: "nowMs or wallTime of lib/clock.ts",
  },
  {
    what: "the monotonic clock",
    pattern: /\bperformance\b|\bhrtime\b/,
    except: [clock, "src/kernel/"],
    instead: "nowMs of lib/clock.ts",
  },
  {
    what: "timers",
    pattern: /\bset(Timeout|Interval)\b|\bAbortSignal\.timeout\b|["'](node:)?timers/,
    except: [clock],
    instead: "an Alarm of a Clock, delayMs or abortAfter",
  },
  {
    what: "chance",
    pattern:
      /\bMath\b(?!\.(?!random\b)\w)|\brandom(Int|Bytes|UUID|Fill(Sync)?)\b|\bgetRandomValues\b/,
    // A probe and a login say what nobody may guess.
    except: ["src/lib/chance.ts", "src/check/probes/", "src/check/databases/scram.ts"],
    instead: "an argument, or lib/chance.ts where an engine gets its own",
  },
  {
    what: "a task without an issue",
    pattern: /\b(TODO|FIXME|XXX)\b(?! *\(?#\d+)/,
    except: [],
    instead: "TODO #123, or do it",
  },
  {
    what: "any",
    pattern: /: any\b|\bas any\b|<any>/,
    except: [],
    instead: "unknown, and a check",
  },
  {
    what: "a default export",
    pattern: /^export default /m,
    except: [],
    instead: "a named export",
  },
];

const LINES_MAX = 300;

const sources = filesBelow("src").filter((file) => file.endsWith(".ts"));
const texts = new Map(sources.map((file) => [file, readFileSync(file, "utf8")]));
/** By file: who imports it. */
const importers = new Map<string, readonly string[]>();
for (const [from, text] of texts) {
  for (const to of new Set(importsOf(from, text))) {
    importers.set(to, [...(importers.get(to) ?? []), from]);
  }
}

for (const { what, pattern, except, instead } of bans) {
  test(`src has no use for ${what}`, (t) => {
    for (const [file, text] of texts) {
      if (except.some((place) => file.startsWith(place))) continue;
      const at = withoutComments(text, what).search(pattern);
      t.is(at, -1, `${file} uses ${what}; use ${instead}`);
    }
  });
}

test(`no file of src is longer than ${LINES_MAX} lines`, (t) => {
  const long = [...texts].filter(([, text]) => linesOf(text) > LINES_MAX);
  t.deepEqual(
    long.map(([file, text]) => `${file}: ${linesOf(text)} lines`),
    [],
  );
});

const FUNCTION_LINES_MAX = 80;

/** And how long they may be at most, until somebody takes them apart. */
const longFunctions: ReadonlyMap<string, number> = new Map([
  ["src/check/http2/exchange.ts: openExchange", 180],
  ["src/check/probes/converse.ts: converse", 100],
  ["src/check/probes/http.ts: probeHttp", 120],
  ["src/check/probes/http.ts: probeHttp =>", 100],
  ["src/check/probes/http1-answer.ts: answerReader", 120],
  ["src/check/probes/talk-packets.ts: talkPackets", 100],
  ["src/check/runner.ts: openRunner", 120],
  ["src/daemon/desk/bus-server.ts: openBusServer", 140],
  ["src/daemon/desk/desk.ts: openDesk", 160],
  ["src/daemon/desk/outlets.ts: openOutlets", 100],
  ["src/daemon/guardian/child.ts: openChild", 100],
  ["src/daemon/guardian/executor.ts: openExecutor", 100],
  ["src/daemon/process/bus.ts: openBusClient", 160],
  ["src/daemon/vrrp/firewall.ts: openFirewall", 100],
  ["src/daemon/vrrp/groups.ts: openGroups", 120],
  ["src/daemon/vrrp/port.ts: openPort", 140],
  ["src/daemon/vrrp/routers.ts: openRouters", 140],
  ["src/daemon/vrrp/second-owner.ts: openSecondOwners", 160],
  ["src/daemon/vrrp/trackers-bfd.ts: openBfdTracker", 180],
  ["src/daemon/vrrp/trackers.ts: openTrackers", 140],
  ["src/desk/hook-runner.ts: openHookRunner", 120],
  ["src/desk/mailer.ts: openMailer", 140],
  ["src/director/maintenance.ts: openMaintenance", 140],
  ["src/director/marks.ts: openMarks", 120],
  ["src/director/monitor.ts: openMonitor", 100],
  ["src/director/servers.ts: openServers", 180],
  ["src/director/settings.ts: openLvsSettings", 160],
  ["src/director/table.ts: openTable", 180],
  ["src/ipvs/apply.ts: openIpvs", 100],
  ["src/kernel/netlink.ts: openNetlink", 180],
  ["src/kernel/network.ts: openNetwork", 120],
  ["src/lib/slots.ts: openSlots", 100],
  ["src/realserver/hands.ts: openHands", 140],
  ["src/track/file-watcher.ts: openFileWatcher", 140],
  ["src/track/process-watcher.ts: openProcessWatcher", 160],
  ["src/track/runner.ts: openScriptRunner", 120],
  ["src/vip/probing.ts: openProbing", 100],
]);

test(`no function of src is longer than ${FUNCTION_LINES_MAX} lines`, (t) => {
  const long = functionsOf("src").filter(({ lines }) => lines > FUNCTION_LINES_MAX);
  const names = new Map(long.map(({ file, name, lines }) => [`${file}: ${name}`, lines]));
  const tooLong = [...names].filter(([name, lines]) => lines > (longFunctions.get(name) ?? 0));
  t.deepEqual(tooLong, []);
  t.deepEqual(notNeeded(longFunctions.keys(), new Set(names.keys())), []);
});

test("no file of src imports itself by way of others, not even its types", (t) => {
  const edges = [...importers].flatMap(([to, froms]) => froms.map((from) => ({ from, to })));
  t.deepEqual(cyclesOf(edges), []);
});

const SMALL_LINES = 30;

/** Tables have a file a row, however small; others wait to be read where they are used. */
const smallFiles: readonly string[] = [
  "src/check/probes/",
  "src/check/types/",
  "src/cli/version.ts",
];

test(`what has fewer than ${SMALL_LINES} lines and one reader in its folder stands where it is read`, (t) => {
  const small = [...texts].flatMap(([file, text]) => {
    const [reader, ...others] = importers.get(file) ?? [];
    const isAlone =
      reader !== undefined && others.length === 0 && dirname(reader) === dirname(file);
    return isAlone && linesOf(text) < SMALL_LINES ? [{ file, reader }] : [];
  });
  const rest = small.filter(({ file }) => !smallFiles.some((place) => file.startsWith(place)));
  t.deepEqual(
    rest.map(({ file, reader }) => `${file} belongs into ${reader}`),
    [],
  );
  const needed = smallFiles.filter((place) => small.some(({ file }) => file.startsWith(place)));
  t.deepEqual(notNeeded(smallFiles, new Set(needed)), []);
});

test("every file of src is used: imported by another, or main.ts", (t) => {
  const unused = sources.filter((file) => file !== "src/main.ts" && !importers.has(file));
  t.deepEqual(unused, []);
});

test("every file of src begins by saying what it is", (t) => {
  const silent = [...texts].filter(([, text]) => !/^(#!.*\n)?(\/\/|\/\*\*)/.test(text));
  t.deepEqual(
    silent.map(([file]) => file),
    [],
  );
});

test("nothing here tells on which machine it was written", (t) => {
  const workplace = new RegExp(
    ["/wo" + "rk/", "sha" + "red/(facts|examples)", "/tmp" + "/br"].join("|"),
  );
  const files = ["src", "test", "scripts", "conf"]
    .flatMap(filesBelow)
    .concat(readdirSync(".").filter((file) => /\.(md|json)$/.test(file)));
  for (const file of files) {
    t.notRegex(readFileSync(file, "utf8"), workplace, file);
  }
});

/** Exceptions that are none any more: they are to be struck off. */
function notNeeded(listed: Iterable<string>, needed: ReadonlySet<string>): readonly string[] {
  return [...listed].filter((name) => !needed.has(name));
}

type Edge = { readonly from: string; readonly to: string };

/** What is left when all are taken away that nobody imports, or that import nobody. */
function cyclesOf(edges: readonly Edge[]): readonly Edge[] {
  const [froms, tos] = [new Set(edges.map(({ from }) => from)), new Set(edges.map(({ to }) => to))];
  const left = edges.filter(({ from, to }) => froms.has(to) && tos.has(from));
  return left.length === edges.length ? left : cyclesOf(left);
}

function linesOf(text: string): number {
  return text.trimEnd().split("\n").length;
}

/** Comments may name what is banned, and say why; a task is banned in comments first of all. */
function withoutComments(text: string, what: string): string {
  if (what.startsWith("a task")) return text;
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "");
}

function importsOf(file: string, text: string): readonly string[] {
  const paths = text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return [...paths].map(([, path = ""]) => relative(".", resolve(dirname(file), path)));
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}
