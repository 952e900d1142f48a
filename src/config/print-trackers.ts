// What is tracked, as rows of canonical INI.

import { type Row, rowsOf } from "./fields.ts";
import { bfdInstanceKeys, trackFileKeys, trackProcessKeys } from "./keys-trackers.ts";
import type { TrackedUse, TrackersConfig, TrackingConfig } from "./model.ts";
import { formatDuration, printWeight, yesNo } from "./plain-types.ts";

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
