// What virtual routers track beside scripts: rows, what they come to, and the way back.

import { splitWords } from "../../lib/words.ts";
import type {
  BfdConfig,
  InterfaceDelays,
  ProcessConfig,
  TrackFileConfig,
} from "../../track/model.ts";
import type { TrackedUse, TrackersConfig, TrackingConfig } from "../model.ts";
import { fieldsOf, needed, type Row, rowsOf } from "../schema/fields.ts";
import { formatDuration, printWeight, yesNo } from "../schema/plain-types.ts";
import { type Draft, nameOf, type Section } from "../schema/section.ts";
import { bfdInstanceKeys, trackFileKeys, trackProcessKeys } from "./keys-trackers.ts";

export function buildTrackers(draft: Draft): TrackersConfig {
  return {
    interfaces: draft.interface.map((section) => buildDelays(section, draft)),
    files: draft.track_file.map(buildFile),
    processes: draft.vrrp_track_process.map(buildProcess),
    bfd: draft.bfd_instance.map(buildBfd),
  };
}

/** The longest down_delay that still lets the peers take over before they would have missed this node anyway. */
export function downDelayMaxMs(name: string, draft: Draft): number {
  const intervals = draft.vrrp_instance
    .filter(({ values }) => values.interface === name)
    .map(({ values }) => values.advert_int);
  return 2 * Math.min(...intervals) - 1;
}

/** "haproxy -f x" -> the words; undefined when a quote is not closed. */
export function processWords(line: string): readonly string[] | undefined {
  const split = splitWords(line);
  return split.ok && split.words.length > 0 ? split.words : undefined;
}

function buildDelays(section: Section<"interface">, draft: Draft): InterfaceDelays {
  const name = nameOf(section);
  const { down_delay, up_delay } = section.values;
  const downDelayMs = Math.min(down_delay, downDelayMaxMs(name, draft));
  return { name, downDelayMs, upDelayMs: up_delay ?? down_delay };
}

function buildFile(section: Section<"track_file">): TrackFileConfig {
  const { values } = section;
  return { name: nameOf(section), ...fieldsOf(trackFileKeys.keys, values), ...values.weight };
}

function buildProcess(section: Section<"vrrp_track_process">): ProcessConfig {
  const { values } = section;
  const [program = "", ...parameters] = processWords(needed(values.process)) ?? [];
  return {
    name: nameOf(section),
    program,
    parameters,
    match: values.param_match ?? (parameters.length > 0 ? "exact" : "any"),
    ...fieldsOf(trackProcessKeys.keys, values),
    upDelayMs: values.fork_delay ?? values.delay,
    downDelayMs: values.terminate_delay ?? values.delay,
    ...values.weight,
  };
}

function buildBfd(section: Section<"bfd_instance">): BfdConfig {
  const { values } = section;
  return {
    name: nameOf(section),
    ...fieldsOf(bfdInstanceKeys.keys, values),
    maxHops: values.max_hops ?? (values.multihop ? 255 : 0),
    ...values.weight,
  };
}

type Printed = readonly [title: string, rows: readonly Row[]];

export function trackerSections({
  interfaces,
  files,
  processes,
  bfd,
}: TrackersConfig): readonly Printed[] {
  return [
    ...interfaces.map(
      ({ name, downDelayMs, upDelayMs }): Printed => [
        `interface.${name}`,
        [
          ["down_delay", formatDuration(downDelayMs)],
          ["up_delay", formatDuration(upDelayMs)],
        ],
      ],
    ),
    ...files.map(
      (file): Printed => [
        `track_file.${file.name}`,
        [...rowsOf(trackFileKeys.keys, file), ["weight", printWeight(file)]],
      ],
    ),
    ...processes.map(
      (process): Printed => [
        `vrrp_track_process.${process.name}`,
        [
          ["process", [process.program, ...process.parameters].map(quotedWord).join(" ")],
          ["param_match", process.match === "any" ? null : process.match],
          ...rowsOf(trackProcessKeys.keys, process),
          ["fork_delay", formatDuration(process.upDelayMs)],
          ["terminate_delay", formatDuration(process.downDelayMs)],
          ["weight", printWeight(process)],
        ],
      ],
    ),
    ...bfd.map(
      (session): Printed => [
        `bfd_instance.${session.name}`,
        [
          ...rowsOf(bfdInstanceKeys.keys, session),
          ["max_hops", session.maxHops],
          ["weight", printWeight(session)],
        ],
      ],
    ),
  ];
}

export function trackingRows(tracking: TrackingConfig): readonly Row[] {
  return [
    ...tracking.uses.map(trackedRow),
    ["bfd_promote", tracking.bfdPromote],
    ["dont_track_primary", yesNo(tracking.dontTrackPrimary)],
  ];
}

export function trackedRow(use: TrackedUse): Row {
  return [`track_${use.kind}[]`, `${use.name} weight ${printWeight(use)}`];
}

/** As splitWords() takes it apart again. */
function quotedWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
