// Native INI text -> Config, or every problem at once in the order of the lines. Pure: what the machine
// has to say comes in as arguments (read.ts is the impure edge).

import type { FoundIdentity, Identity } from "../lib/accounts.ts";
import { buildConfig } from "./build.ts";
import type { Problem, ReadResult } from "./model.ts";
import { type Names, putNames } from "./names/names.ts";
import { ANY_DEVICE_FLAGS } from "./node/rules-machine.ts";
import { makeDraft } from "./schema/draft.ts";
import { type LineProblem, type Scan, scanLines } from "./schema/lines.ts";
import type { UserWords } from "./schema/row.ts";
import type { Draft } from "./schema/section.ts";
import { withLabels } from "./schema/titles.ts";
import { validateDraft } from "./validate.ts";
import { hasStatics } from "./vrrp/held.ts";
import type { KeyFile } from "./vrrp/hmac-key.ts";
import { obeyStrict } from "./vrrp/strict.ts";

export type NativeSource = {
  readonly file: string;
  readonly text: string;
  /** The file of a line, where there are several; left out = `file`. */
  readonly fileOf?: (line: number) => string;
  /** What a front end has made of the text; left out = it is INI. */
  readonly scan?: Scan;
  /** What the names in it are; left out = only addresses are taken. */
  readonly names?: Names;
  /** The default of router_id. */
  readonly hostname: string;
  /** Addresses of this machine: who may be an address owner; null = nobody looks. */
  readonly ownAddresses: ReadonlySet<string> | null;
  /** Of one interface; left out = nobody looks. */
  readonly addressesOn?: (device: string) => readonly string[];
  /** Why a command cannot be run, '"/x": it does not exist'; left out = nobody looks. */
  readonly commandProblem?: (command: string) => string | undefined;
  /** Which part of a command's path somebody but root may write to; left out = nobody looks. */
  readonly commandInsecurity?: (command: string) => string | undefined;
  /** Left out = everybody there is is nobody. */
  readonly findIdentity?: (user: string, group: string | null) => FoundIdentity;
  /** What stands in the file of a key; left out = nobody may read one. */
  readonly keyFile?: (path: string) => KeyFile;
  /** What stands in a PEM file; left out = nobody looks. */
  readonly pemFile?: (path: string) => KeyFile;
  /** IFF_* of an interface, null = it is not here; left out = every interface is what it has to be. */
  readonly deviceFlags?: (device: string) => number | null;
  /** Is an address in a network of this interface; left out = nobody looks. */
  readonly isOnLink?: (device: string, address: string) => boolean | undefined;
  /** Who may read a file beside root and its owner; left out = nobody. */
  readonly readersOf?: (path: string) => string | undefined;
  /** Why a directory is no good; left out = nobody looks. */
  readonly directoryProblem?: (path: string) => string | undefined;
};

type NotRead = ReadResult & { readonly ok: false };

/** With the sections that it was made of: rules of more than one file tell their lines. */
export type NativeResult = (ReadResult & { readonly ok: true; readonly draft: Draft }) | NotRead;

export function readNative(source: NativeSource): NativeResult {
  const { file, text, hostname, ownAddresses } = source;
  const { commandProblem = nobodyLooks, commandInsecurity = nobodyLooks } = source;
  const { findIdentity = nobody, keyFile = noKeyFile } = source;
  const { deviceFlags = anyDevice, isOnLink = nobodyLooks } = source;
  const { directoryProblem = nobodyLooks, addressesOn = () => [] } = source;
  const scan = source.scan ?? scanLines(text);
  const labelled = withLabels(scan.sections);
  const { sections, problems: ofNames } =
    source.names === undefined
      ? { sections: labelled, problems: [] }
      : putNames(labelled, source.names);
  const { draft: written, problems: ofKeys } = makeDraft(sections);
  const draft = obeyStrict(written);
  const found = [
    ...scan.problems,
    ...ofNames,
    ...ofKeys,
    ...validateDraft(draft, written, {
      fileOf: source.fileOf ?? (() => file),
      readersOf: source.readersOf ?? nobodyLooks,
      ownAddresses,
      addressesOn,
      commandProblem,
      commandInsecurity,
      findIdentity,
      keyFile,
      pemFile: source.pemFile,
      deviceFlags,
      isOnLink,
      directoryProblem,
    }),
  ];
  const nothing =
    draft.vrrp_instance.length === 0 && draft.virtual_server.length === 0 && !hasStatics(draft);
  if (nothing && !found.some(isError)) {
    const message =
      "Cannot use this file: nothing is configured; it needs a [vrrp_instance.NAME] or a [virtual_server.NAME]";
    found.push({ line: 1, message, severity: "error" });
  }
  // Stable: problems of one line stay in the order they were found.
  const problems = found.sort((a, b) => a.line - b.line).map((one): Problem => ({ file, ...one }));
  if (problems.some(isError)) return { ok: false, problems };
  const identityOf = ({ user, group }: UserWords): Identity | null => {
    const found = findIdentity(user, group);
    return found.ok ? found.identity : null;
  };
  return {
    ok: true,
    config: buildConfig(draft, hostname, identityOf, keyFile),
    warnings: problems,
    draft,
  };
}

function isError({ severity }: LineProblem): boolean {
  return severity === "error";
}

const NOBODY = 65_534;

function nobody(user: string, group: string | null): FoundIdentity {
  return { ok: true, identity: { user, group: group ?? user, uid: NOBODY, gid: NOBODY } };
}

function noKeyFile(): KeyFile {
  return { ok: false, reason: "it cannot be read from here" };
}

function anyDevice(): number {
  return ANY_DEVICE_FLAGS;
}

function nobodyLooks(): undefined {
  return undefined;
}
