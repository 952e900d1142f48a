// The file that knows what a real server was before: on the disk before anything changes.

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readSysctl } from "../kernel/sysctl.ts";
import { replaceFile } from "../lib/durable.ts";
import { familyOf } from "../lib/ip.ts";
import { isRecord, parseRecord } from "../lib/json.ts";
import { type Change, type Memory, MODES, type Role, type Wanted } from "./model.ts";

export type Remembered =
  | { readonly kind: "memory"; readonly memory: Memory }
  /** No file, or one of before the last boot: nothing of it is there any more. */
  | { readonly kind: "none" }
  | { readonly kind: "unreadable"; readonly reason: string };

export function memoryFile(runDir: string): string {
  return join(runDir, "realserver.json");
}

export function readMemory(file: string): Remembered {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { kind: "none" };
    return { kind: "unreadable", reason: (error as Error).message };
  }
  const read = parse(text);
  if (read === undefined) return { kind: "unreadable", reason: "it is not what duet writes" };
  return read.bootId === bootId() ? { kind: "memory", memory: read } : { kind: "none" };
}

/** Nothing to remember: no file. Throws when it cannot be written. */
export function writeMemory(file: string, { wanted, changes }: Memory): void {
  if (changes.length === 0 && Object.keys(wanted).length === 0) {
    rmSync(file, { force: true });
    return;
  }
  const text = `${JSON.stringify({ bootId: bootId(), wanted, changes }, null, 1)}\n`;
  // The run directory may be on a disk, and a file that a crash left empty would have to be understood by a person.
  replaceFile(file, text, { synced: true });
}

function bootId(): string {
  return readSysctl("kernel/random/boot_id") ?? "";
}

/** Only what writeMemory() can have written: it names settings that are written to, and messages for the kernel, as root. */
function parse(text: string): (Memory & { readonly bootId: string }) | undefined {
  const read = parseRecord(text);
  if (read === undefined) return undefined;
  const { bootId, wanted, changes } = read;
  if (typeof bootId !== "string" || !isWanted(wanted)) return undefined;
  if (!Array.isArray(changes) || !changes.every(isChange)) return undefined;
  return { bootId, wanted, changes };
}

function isWanted(value: unknown): value is Wanted {
  if (!isRecord(value)) return false;
  return Object.entries(value).every(
    ([mode, role]) => MODES.some((each) => each === mode) && isRole(role),
  );
}

function isRole(value: unknown): value is Role {
  if (!isRecord(value) || !Array.isArray(value["vips"])) return false;
  return value["vips"].every(isAddress) && (value["via"] === null || isAddress(value["via"]));
}

function isChange(value: unknown): value is Change {
  if (!isRecord(value)) return false;
  const { kind, path, before, device, address, via, body, value: set, family } = value;
  switch (kind) {
    case "sysctl":
      return (
        matches(path, /^net\/ipv4\/conf\/(?!\.\.?\/)[^/\s]{1,15}\/[a-z_]+$/) &&
        matches(before, /^\d+$/) &&
        matches(set, /^\d+$/)
      );
    case "up":
      return matches(device, /^\S+$/);
    case "address":
      return matches(device, /^\S+$/) && isAddress(address);
    case "gateway":
      return isAddress(via);
    case "away":
      return (
        (family === 4 || family === 6) &&
        (via === null || isAddress(via)) &&
        matches(body, /^([0-9a-f]{2}){12,}$/)
      );
    default:
      return false;
  }
}

function isAddress(value: unknown): value is string {
  return typeof value === "string" && familyOf(value) !== undefined;
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === "string" && pattern.test(value);
}
