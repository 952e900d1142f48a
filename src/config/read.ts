// A file on this machine -> Config: the impure edge around native.ts.

import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
} from "node:fs";
import { BlockList } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { isAbsolute, resolve } from "node:path";
import { findIdentity } from "../lib/accounts.ts";
import { readersOf } from "../lib/file-readers.ts";
import { canonicalAddress } from "../lib/ip.ts";
import { unsafeComponent } from "../lib/path-safety.ts";
import { findProgram } from "../lib/programs.ts";
import { splitWords } from "../lib/words.ts";
import { convertedText } from "./convert.ts";
import { type Written, writtenIn } from "./foreign/front-ends.ts";
import { filesLike } from "./keepalived/find-files.ts";
import { forgive } from "./keepalived/forgive.ts";
import type { Outside } from "./keepalived/outside.ts";
import type { ReadResult } from "./model.ts";
import { lookUp } from "./names/look-up.ts";
import { hostsNamedIn } from "./names/names.ts";
import { readNative } from "./native.ts";
import type { ReadOptions } from "./read-options.ts";
import type { Scan } from "./schema/lines.ts";
import type { KeyFile } from "./vrrp/hmac-key.ts";

/** Asynchronous for the names of hosts in it. */
export async function readConfigFile(file: string, options: ReadOptions = {}): Promise<ReadResult> {
  const read = readText(file);
  if (!read.ok) {
    const problem = { file, line: 0, message: read.message, severity: "error" } as const;
    return { ok: false, problems: [problem], unreadable: true };
  }
  const { format } = options;
  return resultOf(file, read.text, writtenIn(file, read.text, outsideOf(options), format));
}

async function resultOf(file: string, text: string, written: Written): Promise<ReadResult> {
  const names = await lookUp(hostsNamedIn(written.sections));
  const readScan = (scan: Scan): ReadResult =>
    readNative({
      file,
      text,
      scan,
      names,
      hostname: hostname(),
      ownAddresses: readOwnAddresses(),
      addressesOn: rememberAnswers(addressesOn),
      commandProblem: rememberAnswers(commandProblem),
      commandInsecurity: rememberAnswers(commandInsecurity),
      findIdentity,
      keyFile: rememberAnswers(readKeyFile),
      pemFile: rememberAnswers(readPemFile),
      readersOf: rememberAnswers(readersOf),
      deviceFlags: rememberAnswers(deviceFlags),
      isOnLink,
      directoryProblem: rememberAnswers(directoryProblem),
    });
  return written.places === null ? readScan(written) : forgive(written, written.places, readScan);
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
  const { sections, comments } = written;
  if (comments === null) {
    const message =
      "Cannot convert this file: it is neither a keepalived.conf nor an ldirectord.cf";
    return { ok: false, message };
  }
  return {
    ok: true,
    text: convertedText(sections, comments),
    result: await resultOf(file, read.text, written),
  };
}

/** What keepalived's own reader would look at. */
function outsideOf({ configId = ownName() }: ReadOptions): Outside {
  return {
    read: (path) => {
      const found = readText(path);
      return found.ok ? found.text : null;
    },
    find: filesLike,
    environment: (name) => process.env[name],
    configId,
  };
}

function ownName(): string {
  return hostname().split(".")[0] ?? "";
}

// A hundred thousand real servers are some 10 MB.
const FILE_MAX_BYTES = 64 * 1024 * 1024;

type Text =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string };

function readText(file: string): Text {
  let fd: number | undefined;
  try {
    fd = openSync(file, "r");
    const chunks: Buffer[] = [];
    let lengthBytes = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(256 * 1024);
      const gotBytes = readSync(fd, chunk);
      if (gotBytes === 0) break;
      lengthBytes += gotBytes;
      if (lengthBytes > FILE_MAX_BYTES) {
        return {
          ok: false,
          message: `Cannot read this file: it is larger than ${FILE_MAX_BYTES} bytes`,
        };
      }
      chunks.push(chunk.subarray(0, gotBytes));
    }
    // Bytes that are not UTF-8 become U+FFFD: lines.ts says where.
    return { ok: true, text: Buffer.concat(chunks, lengthBytes).toString("utf8") };
  } catch (error) {
    return { ok: false, message: `Cannot read this file: ${reasonOf(error)}` };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

const KEY_FILE_MAX_BYTES = 4096;
/** Anything of group and others. */
const NOT_ONLY_OWNER = 0o077;

/** Judged and read by one descriptor: nobody can put another file in its place in between. */
export function readKeyFile(path: string): KeyFile {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const about = fstatSync(fd);
    if (!about.isFile()) return { ok: false, reason: "it is not a file" };
    if ((about.mode & NOT_ONLY_OWNER) !== 0) {
      const mode = (about.mode & 0o777).toString(8).padStart(4, "0");
      return {
        ok: false,
        reason: `its mode is ${mode}, others may use it (it must be 0600 or 0400)`,
      };
    }
    const chunk = Buffer.alloc(KEY_FILE_MAX_BYTES + 1);
    const gotBytes = readSync(fd, chunk);
    if (gotBytes > KEY_FILE_MAX_BYTES) {
      return { ok: false, reason: `it is larger than ${KEY_FILE_MAX_BYTES} bytes` };
    }
    return { ok: true, text: chunk.toString("utf8", 0, gotBytes) };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

const PEM_FILE_MAX_BYTES = 4 * 1024 * 1024;

function readPemFile(path: string): KeyFile {
  try {
    const about = statSync(path);
    if (!about.isFile()) return { ok: false, reason: "it is not a file" };
    if (about.size > PEM_FILE_MAX_BYTES) {
      return { ok: false, reason: `it is larger than ${PEM_FILE_MAX_BYTES} bytes` };
    }
    return { ok: true, text: readFileSync(path, "utf8") };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

/** netdevice(7) IFF_*; null = it is not here. */
function deviceFlags(device: string): number | null {
  try {
    return Number(readFileSync(`/sys/class/net/${device}/flags`, "utf8"));
  } catch {
    return null;
  }
}

/** undefined = the interface has no address of this family. */
function isOnLink(device: string, address: string): boolean | undefined {
  const family = address.includes(":") ? "IPv6" : "IPv4";
  const own = (networkInterfaces()[device] ?? []).filter((one) => one.family === family);
  if (own.length === 0) return undefined;
  const networks = new BlockList();
  for (const { address: from, cidr } of own) {
    networks.addSubnet(
      from,
      Number(cidr?.split("/")[1] ?? 128),
      family === "IPv6" ? "ipv6" : "ipv4",
    );
  }
  return networks.check(address, family === "IPv6" ? "ipv6" : "ipv4");
}

function directoryProblem(path: string): string | undefined {
  try {
    return statSync(path).isDirectory() ? undefined : "it is not a directory";
  } catch (error) {
    return reasonOf(error);
  }
}

function addressesOn(device: string): readonly string[] {
  const own = networkInterfaces()[device] ?? [];
  return own.map(({ address }) => canonicalAddress(address) ?? address);
}

function readOwnAddresses(): ReadonlySet<string> {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return new Set(own.map(({ address }) => canonicalAddress(address) ?? address));
}

/** Why a command cannot be run: '"/etc/x.sh": it does not exist'; undefined = it can. */
export function commandProblem(command: string): string | undefined {
  const split = splitWords(command);
  if (!split.ok) return `${JSON.stringify(command)}: ${split.reason}`;
  const [program = ""] = split.words;
  if (program === "") return `${JSON.stringify(command)}: it names no program`;
  if (!program.includes("/")) {
    const isFound = findProgram(program) !== undefined;
    return isFound ? undefined : `"${program}": it is in no directory of PATH`;
  }
  // Scripts are run in "/".
  const path = isAbsolute(program) ? program : resolve("/", program);
  const problem = programProblem(path);
  return problem === undefined ? undefined : `"${path}": ${problem}`;
}

/** Which part of the path of its first word is not root's alone. */
export function commandInsecurity(command: string): string | undefined {
  const split = splitWords(command);
  const [program = ""] = split.ok ? split.words : [];
  const path = program === "" ? undefined : findProgram(program);
  return path === undefined ? undefined : unsafeComponent(path);
}

function programProblem(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return "it is not a file";
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    return codeOf(error) === "EACCES" ? "it is not executable" : reasonOf(error);
  }
}

const reasons: ReadonlyMap<string | undefined, string> = new Map([
  ["ENOENT", "it does not exist"],
  ["EACCES", "permission denied"],
  ["EISDIR", "it is a directory"],
  ["ENOTDIR", "a part of its path is not a directory"],
]);

function reasonOf(error: unknown): string {
  return reasons.get(codeOf(error)) ?? (error instanceof Error ? error.message : String(error));
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** Thousands of lines may name the same script. */
function rememberAnswers<Answer>(ask: (question: string) => Answer): (question: string) => Answer {
  const answers = new Map<string, { readonly answer: Answer }>();
  return (question) => {
    const known = answers.get(question) ?? { answer: ask(question) };
    answers.set(question, known);
    return known.answer;
  };
}
