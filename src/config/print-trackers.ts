// What is tracked, as rows of canonical INI.

import type { TrackedUse, TrackersConfig, TrackingConfig } from "./model.ts";
import { formatDuration, printWeight, yesNo } from "./plain-types.ts";

/** Key and value; null = nothing to write. */
export type Row = readonly [string, string | number | null];

export function trackerSections(
  trackers: TrackersConfig,
): readonly (readonly [string, readonly Row[]])[] {
  return [
    ...trackers.interfaces.map(
      ({ name, downDelayMs, upDelayMs }) =>
        [
          `interface.${name}`,
          [
            ["down_delay", formatDuration(downDelayMs)],
            ["up_delay", formatDuration(upDelayMs)],
          ] satisfies readonly Row[],
        ] as const,
    ),
    ...trackers.files.map(
      (file) =>
        [
          `track_file.${file.name}`,
          [
            ["file", file.path],
            ["weight", printWeight(file)],
            [
              "init_file",
              file.init && `${file.init.value}${file.init.overwrite ? " overwrite" : ""}`,
            ],
          ] satisfies readonly Row[],
        ] as const,
    ),
    ...trackers.processes.map(
      (process) =>
        [
          `vrrp_track_process.${process.name}`,
          [
            ["process", [process.program, ...process.parameters].map(quotedWord).join(" ")],
            ["param_match", process.match === "any" ? null : process.match],
            ["weight", printWeight(process)],
            ["quorum", process.quorum],
            ["quorum_max", process.quorumMax],
            ["fork_delay", formatDuration(process.upDelayMs)],
            ["terminate_delay", formatDuration(process.downDelayMs)],
            ["full_command", yesNo(process.fullCommand)],
          ] satisfies readonly Row[],
        ] as const,
    ),
    ...trackers.bfd.map(
      (bfd) =>
        [
          `bfd_instance.${bfd.name}`,
          [
            ["neighbor_ip", bfd.neighbor],
            ["source_ip", bfd.source],
            ["min_rx", `${bfd.minRxMs}ms`],
            ["min_tx", `${bfd.minTxMs}ms`],
            ["idle_tx", `${bfd.idleTxMs}ms`],
            ["multiplier", bfd.multiplier],
            ["passive", yesNo(bfd.passive)],
            ["ttl", bfd.ttl],
            ["max_hops", bfd.maxHops],
            ["multihop", yesNo(bfd.multihop)],
            ["weight", printWeight(bfd)],
          ] satisfies readonly Row[],
        ] as const,
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
