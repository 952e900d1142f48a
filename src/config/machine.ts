// What this machine has to say about a configuration: its addresses, interfaces, users, programs and files. And a machine that
// nobody can ask, for a file that is written for another host.

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
import { codeOf, reasonOf } from "../lib/errors.ts";
import { readersOf } from "../lib/file-readers.ts";
import { canonicalAddress } from "../lib/ip.ts";
import { unsafeComponent } from "../lib/path-safety.ts";
import { findProgram } from "../lib/programs.ts";
import { splitWords } from "../lib/words.ts";
import type { NativeSource } from "./native.ts";
import type { KeyFile } from "./vrrp/hmac-key.ts";

export type Machine = Omit<NativeSource, "file" | "text" | "scan" | "names">;

export function thisMachine(): Machine {
  return {
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
  };
}

/** Everything that a file names is there, as far as anybody can tell. */
export function anotherMachine(): Machine {
  return { hostname: hostname(), ownAddresses: null, keyFile: () => UNSEEN_KEY };
}

const UNSEEN_KEY: KeyFile = { ok: true, text: `hex:${"00".repeat(32)}` };

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

/** Thousands of lines may name the same script. */
function rememberAnswers<Answer>(ask: (question: string) => Answer): (question: string) => Answer {
  const answers = new Map<string, { readonly answer: Answer }>();
  return (question) => {
    const known = answers.get(question) ?? { answer: ask(question) };
    answers.set(question, known);
    return known.answer;
  };
}
