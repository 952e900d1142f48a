// ONE table of everything that can be written in a configuration. It drives the parser (draft.ts), the
// commented example (schema/example.ts) and `duet help KEY`. A new key is a row in the file of its subject.
// The words are keepalived's where it has one.

import { checkKeys } from "./checks/keys.ts";
import { realServerKeys, virtualServerGroupKeys, virtualServerKeys } from "./director/keys.ts";
import { globalKeys } from "./node/keys.ts";
import type { HeldBy, KeySpec, SectionSpec } from "./schema/row.ts";
import { vrrpInstanceKeys, vrrpScriptKeys, vrrpSyncGroupKeys } from "./vrrp/keys.ts";
import {
  bfdInstanceKeys,
  garpGroupKeys,
  interfaceKeys,
  trackFileKeys,
  trackProcessKeys,
} from "./vrrp/keys-trackers.ts";

export const SECTIONS = {
  global: globalKeys,
  interface: interfaceKeys,
  garp_group: garpGroupKeys,
  vrrp_script: vrrpScriptKeys,
  track_file: trackFileKeys,
  vrrp_track_process: trackProcessKeys,
  bfd_instance: bfdInstanceKeys,
  vrrp_instance: vrrpInstanceKeys,
  vrrp_sync_group: vrrpSyncGroupKeys,
  check: checkKeys,
  virtual_server_group: virtualServerGroupKeys,
  virtual_server: virtualServerKeys,
  real_server: realServerKeys,
} as const satisfies Readonly<Record<string, SectionSpec>>;

export type SectionName = keyof typeof SECTIONS;
export type KeyName<S extends SectionName> = keyof (typeof SECTIONS)[S]["keys"] & string;

/** The values of a section, typed by its rows. */
export type Values<S extends SectionName> = {
  readonly [K in KeyName<S>]: (typeof SECTIONS)[S]["keys"][K] extends infer Spec extends KeySpec
    ? HeldBy<Spec>
    : never;
};

export const SECTION_NAMES = Object.keys(SECTIONS) as readonly SectionName[];

export function isSectionName(name: string): name is SectionName {
  return Object.hasOwn(SECTIONS, name);
}

/** The rows of a section, by the name that is canonical. */
export function keysOf(section: SectionName): Readonly<Record<string, KeySpec>> {
  return SECTIONS[section].keys;
}

/** Every spelling, aliases included -> the canonical one. */
export function spellingsOf(section: SectionName): ReadonlyMap<string, string> {
  return spellings[section];
}

const spellings = Object.fromEntries(
  SECTION_NAMES.map((section) => [section, collectSpellings(keysOf(section))]),
) as Record<SectionName, ReadonlyMap<string, string>>;

function collectSpellings(keys: Readonly<Record<string, KeySpec>>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [name, { aliases = [] }] of Object.entries(keys)) {
    for (const spelling of [name, ...aliases]) names.set(spelling, name);
  }
  return names;
}
