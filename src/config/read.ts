// A file on this machine -> Config: the impure edge around native.ts.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { reasonOf } from "../lib/errors.ts";
import { convertedText } from "./convert.ts";
import { type Written, writtenIn } from "./foreign/front-ends.ts";
import { filesLike, patternsOf } from "./keepalived/find-files.ts";
import { forgive } from "./keepalived/forgive.ts";
import { type Outside, TEXT_MAX } from "./keepalived/outside.ts";
import type { Place, Places } from "./keepalived/places.ts";
import { anotherMachine, thisMachine } from "./machine.ts";
import type { ReadResult } from "./model.ts";
import { lookUp } from "./names/look-up.ts";
import { hostsNamedIn } from "./names/names.ts";
import type { Unseen } from "./names/unseen.ts";
import { type NativeResult, readNative } from "./native.ts";
import { placed } from "./places.ts";
import type { ReadOptions } from "./read-options.ts";
import type { RawSection, Scan } from "./schema/lines.ts";

/** Asynchronous for the names of hosts in it. */
export async function readConfigFile(file: string, options: ReadOptions = {}): Promise<ReadResult> {
  const { result, included } = await readForPeople(file, options);
  if (!result.ok) return result;
  const { config, warnings } = result;
  return { ok: true, config, warnings, ...(included.length > 0 && { included }) };
}

export type ReadForPeople = {
  /** What it is written in, without what was left out. */
  readonly sections: readonly RawSection[];
  readonly result: NativeResult;
  /** Where a line of the draft stands. */
  readonly placeOf: (line: number) => Place;
  /** A text about it: names of hosts that were not looked up stand there as they are written. */
  readonly shown: (text: string) => string;
  /** What it includes: files, and patterns of them. */
  readonly included: readonly string[];
};

/** `elsewhere`: it is for another host, so this one is not asked; what stands for the names in it. */
export type PeopleOptions = ReadOptions & { readonly elsewhere?: Unseen | undefined };

export async function readForPeople(file: string, options: PeopleOptions): Promise<ReadForPeople> {
  const read = readText(file);
  if (!read.ok) {
    const problem = { file, line: 0, message: read.message, severity: "error" } as const;
    const result = { ok: false, problems: [problem], unreadable: true } as const;
    return {
      result,
      sections: [],
      placeOf: (line) => ({ file, line }),
      shown: asItIs,
      included: [],
    };
  }
  const { format, elsewhere } = options;
  const included = new Set<string>();
  const written = writtenIn(file, read.text, outsideOf(options, included), format);
  return { ...(await resultOf(file, read.text, written, elsewhere)), included: [...included] };
}

async function resultOf(
  file: string,
  text: string,
  written: Written,
  elsewhere?: Unseen,
): Promise<Omit<ReadForPeople, "included">> {
  const hosts = hostsNamedIn(written.sections);
  const names =
    elsewhere === undefined
      ? await lookUp(hosts)
      : elsewhere.namesFor(hosts, (await lookUp([])).ports);
  const shown = elsewhere?.shown ?? asItIs;
  const source = {
    file,
    text,
    names,
    ...(elsewhere === undefined ? thisMachine() : anotherMachine()),
  };
  const fileOf = (line: number): string => written.places?.at(line).file ?? file;
  const readScan = (scan: Scan): NativeResult => readNative({ ...source, scan, fileOf });
  const { sections, places, isLenient } = written;
  if (places === null) {
    return { result: readScan(written), sections, placeOf: (line) => ({ file, line }), shown };
  }
  const read = isLenient
    ? forgive(written, places, readScan)
    : { result: whereItStands(readScan(written), places), sections };
  return { ...read, placeOf: places.at, shown };
}

function whereItStands(result: NativeResult, places: Places): NativeResult {
  return result.ok
    ? { ...result, warnings: result.warnings.map((one) => placed(one, places)) }
    : { ...result, problems: result.problems.map((one) => placed(one, places)) };
}

function asItIs(text: string): string {
  return text;
}

export type Converted =
  | {
      readonly ok: true;
      readonly text: string;
      /** What is wrong with it, and what has no effect. */
      readonly result: ReadResult;
    }
  | { readonly ok: false; readonly message: string };

/** Another program's file as INI text. */
export async function convertConfigFile(
  file: string,
  options: ReadOptions = {},
): Promise<Converted> {
  const read = readText(file);
  if (!read.ok) return read;
  const written = writtenIn(file, read.text, outsideOf(options), options.format);
  const { comments } = written;
  if (comments === null) {
    const message =
      "Cannot convert this file: it is neither a keepalived.conf, nor an ldirectord.cf, nor lines of ipvsadm";
    return { ok: false, message };
  }
  const { result, sections } = await resultOf(file, read.text, written);
  return { ok: true, text: convertedText(sections, comments), result };
}

/** What keepalived's own reader would look at; `included` gets what that is. */
function outsideOf({ configId = ownName() }: ReadOptions, included = new Set<string>()): Outside {
  return {
    read: (path) => {
      const found = readText(path);
      return found.ok ? found.text : null;
    },
    find: (pattern, folder) => {
      const found = filesLike(pattern, folder);
      for (const one of [...found, ...patternsOf(pattern, folder)]) included.add(resolve(one));
      return found;
    },
    environment: (name) => process.env[name],
    configId,
  };
}

function ownName(): string {
  return hostname().split(".")[0] ?? "";
}

// A hundred thousand real servers are some 10 MB.
const PIECE_BYTES = 64 * 1024;

type Text =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string };

function readText(file: string): Text {
  let fd: number | undefined;
  try {
    fd = openSync(file, "r");
    // A pipe has no size.
    let bytes = Buffer.allocUnsafe(Math.min(fstatSync(fd).size, TEXT_MAX) + PIECE_BYTES);
    let lengthBytes = 0;
    for (;;) {
      const gotBytes = readSync(fd, bytes, lengthBytes, bytes.length - lengthBytes, null);
      if (gotBytes === 0) break;
      lengthBytes += gotBytes;
      if (lengthBytes > TEXT_MAX) {
        return {
          ok: false,
          message: `Cannot read this file: it is larger than ${TEXT_MAX} bytes`,
        };
      }
      if (lengthBytes === bytes.length) bytes = Buffer.concat([bytes], 2 * lengthBytes);
    }
    // Bytes that are not UTF-8 become U+FFFD: lines.ts says where.
    return { ok: true, text: bytes.toString("utf8", 0, lengthBytes) };
  } catch (error) {
    return { ok: false, message: `Cannot read this file: ${reasonOf(error)}` };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
