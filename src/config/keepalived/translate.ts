// keepalived.conf -> the sections that say the same, each line with the place of what it came from. What keepalived reports and
// goes on without is left out and remarked; its defaults are written where they are others.

import { type Around, openAround } from "../foreign/around.ts";
import { shareChecks } from "../foreign/shared-checks.ts";
import { makeRemarks } from "../foreign/target.ts";
import { isInterfaceName } from "../schema/addresses.ts";
import type { LineProblem, RawSection } from "../schema/lines.ts";
import type { Checks } from "./checks.ts";
import { addServerGroup, addService, type Bodies } from "./director.ts";
import { addGlobal, globalDefaults } from "./global.ts";
import { addInstance } from "./instance.ts";
import { ROOT } from "./keywords.ts";
import { type Comment, parse } from "./language.ts";
import type { Outside } from "./outside.ts";
import type { Places } from "./places.ts";
import { addStatics, addTrackGroup, type TrackGroups } from "./statics.ts";
import type { Tracked } from "./tracked.ts";
import { addBfd, addGroup, addScript, addTrackFile, addTrackProcess } from "./trackers.ts";
import type { Statement } from "./tree.ts";

export type Translated = {
  readonly sections: readonly RawSection[];
  readonly problems: readonly LineProblem[];
  readonly places: Places;
  readonly comments: readonly Comment[];
};

export function translate(file: string, text: string, outside: Outside): Translated {
  const { statements, places, remarks: ofLanguage, comments } = parse(file, text, outside);
  const problems: LineProblem[] = ofLanguage.map((one) => ({ ...one, severity: "warning" }));
  const remarks = makeRemarks(problems);
  const { around, sections } = openAround(remarks);
  addRoot(statements, around);
  for (const [key, value] of globalDefaults(outside)) around.global.setDefault(key, value);
  return { sections: sections(), problems, places, comments };
}

type Blocks = ReadonlyMap<string, readonly Statement[]>;

const STATICS = ["static_ipaddress", "static_routes", "static_rules"] as const;

function addRoot(statements: readonly Statement[], around: Around): void {
  const { remarks } = around;
  const blocks = blocksOf(statements, around);
  const of = (keyword: string): readonly Statement[] => blocks.get(keyword) ?? [];
  for (const one of of("global_defs")) addGlobal(one, around);
  for (const one of of("interface_up_down_delays")) addDelays(one, around);
  for (const one of of("garp_group")) addGarpGroup(one, around);
  const files = [...of("track_file"), ...of("vrrp_track_file")];
  /** The names of those that are one, and where each begins. */
  const each = (
    all: readonly Statement[],
    add: (one: Statement, name: string) => boolean | void,
  ): ReadonlyMap<string, number> => {
    const found = new Map<string, number>();
    const seen = new Set<string>();
    for (const one of all) {
      const [keyword = "", name] = one.words;
      if (name === undefined) remarks.neverInForce(one.line, keyword, "it has no name");
      else if (seen.has(name))
        remarks.neverInForce(one.line, `${keyword} ${name}`, "there is one already");
      else if (add(one, name) !== false) found.set(name, one.line);
      seen.add(name ?? "");
    }
    return found;
  };
  const tracked: Tracked = {
    track_interface: null,
    track_script: each(of("vrrp_script"), (one, name) => addScript(one, name, around)),
    track_file: each(files, (one, name) => addTrackFile(one, name, around)),
    track_process: each(of("vrrp_track_process"), (one, name) =>
      addTrackProcess(one, name, around),
    ),
    track_bfd: each(of("bfd_instance"), (one, name) => addBfd(one, name, around)),
  };
  const groupLines = namesOf(of("track_group"));
  for (const key of STATICS) {
    for (const one of of(key)) addStatics(one, key, groupLines, around);
  }
  const trackGroups: TrackGroups = new Map();
  each(of("track_group"), (one, name) => addTrackGroup(one, name, trackGroups, around));
  const linkNames = new Set<string>();
  each(of("vrrp_instance"), (one, name) =>
    addInstance(one, name, tracked, around, linkNames, trackGroups),
  );
  const instances = new Set(namesOf(of("vrrp_instance")).keys());
  const taken = new Set<string>();
  each(of("vrrp_sync_group"), (one, name) =>
    addGroup(one, name, instances, taken, tracked, around),
  );
  const groups = each(of("virtual_server_group"), (one, name) => addServerGroup(one, name, around));
  const checks: Checks = {
    shared: shareChecks(around),
    files: new Map(files.map((one) => [one.words[1] ?? "", valueIn(one, "file") ?? ""])),
    filesFrom: tracked.track_file ?? new Map(),
    groups,
    tls: of("SSL").flatMap(tlsOf),
  };
  const bodies: Bodies = new Map();
  for (const one of of("virtual_server")) addService(one, checks, bodies, around);
}

/** By keyword; what is no block of the top level is remarked. */
function blocksOf(statements: readonly Statement[], { remarks }: Around): Blocks {
  const blocks = new Map<string, Statement[]>();
  for (const one of statements) {
    const [keyword = ""] = one.words;
    const carried = ROOT.get(keyword);
    if (carried === undefined) {
      remarks.neverInForce(one.line, `"${keyword}"`, "there is no such block");
    } else if (carried.as === "nothing") {
      remarks.noEffect(one.line, keyword, carried.why);
    } else if (one.block === null) {
      remarks.neverInForce(one.line, `"${one.text}"`, 'a "{" is missing behind it');
    } else {
      const all = blocks.get(keyword) ?? [];
      all.push(one);
      blocks.set(keyword, all);
    }
  }
  return blocks;
}

/** And where each begins: the first one, when there are two. */
function namesOf(statements: readonly Statement[]): ReadonlyMap<string, number> {
  const backwards = [...statements].sort((a, b) => b.line - a.line);
  return new Map(backwards.map(({ words, line }) => [words[1] ?? "", line]));
}

function valueIn({ block }: Statement, keyword: string): string | undefined {
  return block?.findLast(({ words }) => words[0] === keyword)?.words[1];
}

/** IF DOWN [UP]; a missing UP is 0 in keepalived. */
function addDelays({ block }: Statement, around: Around): void {
  for (const { words, line, text } of block ?? []) {
    const [name = "", down = "", up = "0"] = words;
    if (!isInterfaceName(name) || down === "") {
      around.remarks.neverInForce(line, text, "it must be INTERFACE DOWN [UP]");
      continue;
    }
    const target = around.open("interface", [name], line);
    target.set("down_delay", down, line);
    target.set("up_delay", up, line);
  }
}

function addGarpGroup({ block, line }: Statement, around: Around): void {
  const target = around.open("garp_group", [`garp-${line}`], line);
  for (const one of block ?? []) {
    const [keyword = "", ...values] = one.words;
    if (keyword === "garp_interval" || keyword === "gna_interval") {
      target.set(keyword, values.join(" "), one.line);
    } else if (keyword === "interface" || keyword === "interfaces") {
      const inside = one.block?.flatMap(({ words }) => words) ?? values;
      for (const name of inside) target.add("interface", name, one.line);
    } else around.remarks.neverInForce(one.line, `"${keyword}"`, "it is no part of garp_group");
  }
}

/** One context for all SSL_GET. */
function tlsOf({ block }: Statement): Checks["tls"] {
  return (block ?? []).flatMap(({ words, line }) => {
    const [keyword = "", value] = words;
    return (keyword === "certificate" || keyword === "key") && value !== undefined
      ? [{ key: keyword, value, line }]
      : [];
  });
}
