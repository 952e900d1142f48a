// Checks against a real server of a Debian package, told as a table: its files, its command, and what each check sees of
// it; and that all of them see it go. It runs as a process of the test, on an address of its own, from a directory of its own.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { probe } from "../../src/check/probes/index.ts";
import { timeoutClock } from "../../src/lib/clock.ts";
import { checkOf, checkText } from "../config/helpers.ts";
import { certificates } from "./certificates.ts";
import { inTime } from "./in-time.ts";
import { type Program, startProgram } from "./programs.ts";
import { temporaryDirectory } from "./sockets.ts";
import { logPackage } from "./versions.ts";
import { eventually } from "./wait.ts";

export type Place<P extends string> = {
  readonly directory: string;
  readonly address: string;
  readonly ports: Readonly<Record<P, number>>;
  /** Of the authority, and of www.test at that address. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
};

/** A port, the lines of a check in the configuration, and "UP detail" or "cause: detail" of its result. */
export type Case<P extends string> = readonly [P, readonly string[], string | RegExp];

export type DebianServer<P extends string> = {
  readonly package: string;
  readonly ports: readonly P[];
  /** By their names in the directory. */
  readonly files: (place: Place<P>) => Readonly<Record<string, string>>;
  /** Commands that come before the server, as root. */
  readonly prepare?: (place: Place<P>) => readonly (readonly string[])[];
  /** Stays in the foreground. */
  readonly command: (place: Place<P>) => readonly string[];
  readonly environment?: (place: Place<P>) => Readonly<Record<string, string>>;
  /** Tried until it comes true: the server is up. */
  readonly cases: (place: Place<P>) => readonly [Case<P>, ...Case<P>[]];
};

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 120_000;
const REFUSED = "connect_refused: ECONNREFUSED";

/** One test. */
export function testDebianServer<P extends string>(title: string, server: DebianServer<P>): void {
  // Serial: see ownAddress().
  test.serial(title, async (t) => {
    t.timeout(600_000);
    logPackage(t, server.package);
    const place = await makePlace(t, server.ports);
    for (const [name, text] of Object.entries(server.files(place))) {
      writeFileSync(join(place.directory, name), text);
    }
    for (const [command = "", ...args] of server.prepare?.(place) ?? []) {
      execFileSync(command, args, { stdio: "pipe" });
    }
    const [command = "", ...args] = server.command(place);
    const program = startProgram(t, command, args, server.environment?.(place));
    // Told to end before it is killed, it ends what it has forked.
    t.teardown(async () => stop(program));
    const cases = server.cases(place);
    await comesUp(program, place, cases[0]);
    for (const one of cases) {
      const seen = await see(place, one);
      const [, , wanted] = one;
      const message = `${one[1].join(", ")}\n${seen}\n${said(program, place)}`;
      if (typeof wanted === "string") t.is(seen, wanted, message);
      else t.regex(seen, wanted, message);
    }
    await stop(program);
    for (const port of server.ports) await closes(place, cases, port);
    for (const one of cases) t.is(await see(place, one), REFUSED, one[1].join(", "));
  });
}

async function makePlace<P extends string>(
  t: ExecutionContext,
  names: readonly P[],
): Promise<Place<P>> {
  const directory = temporaryDirectory(t);
  // For servers that do not stay root.
  chmodSync(directory, 0o755);
  const address = ownAddress();
  const made = certificates(t);
  const { cert, key } = made.make(5, `DNS:www.test,IP:${address}`);
  copyFileSync(cert, join(directory, "cert.pem"));
  copyFileSync(key, join(directory, "key.pem"));
  return {
    directory,
    address,
    ports: await freePorts(address, names),
    ca: made.ca,
    cert: join(directory, "cert.pem"),
    key: join(directory, "key.pem"),
  };
}

/** Nobody else connects from there or listens there, so that a port that was free stays so. */
function ownAddress(): string {
  const { pid } = process;
  return `127.${64 + (pid >> 16)}.${(pid >> 8) & 255}.${pid & 255}`;
}

async function freePorts<P extends string>(
  address: string,
  names: readonly P[],
): Promise<Readonly<Record<P, number>>> {
  const open: Server[] = [];
  const ports: Record<string, number> = {};
  for (const name of names) {
    const server = createServer().listen(0, address);
    await once(server, "listening");
    const at = server.address();
    ports[name] = typeof at === "object" && at !== null ? at.port : 0;
    open.push(server);
  }
  for (const server of open) await once(server.close(), "close");
  return ports as Record<P, number>;
}

async function see<P extends string>(
  { address, ports }: Place<P>,
  [port, lines]: Case<P>,
): Promise<string> {
  const config = checkOf(checkText(...lines));
  const context = { clock: timeoutClock, signal: new AbortController().signal };
  const result = await probe({ address, port: ports[port] }, config, context);
  return result.ok ? `UP ${result.detail}` : `${result.cause}: ${result.detail}`;
}

async function comesUp<P extends string>(
  program: Program,
  place: Place<P>,
  one: Case<P>,
): Promise<void> {
  let seen = "";
  await eventually(
    () => `a server that is up; ${seen}\n${said(program, place)}`,
    async () => {
      const { exitCode, signalCode } = program.child;
      seen = await see(place, one);
      if (exitCode === null && signalCode === null) return isAs(seen, one[2]);
      throw new Error(`The server ended (${exitCode ?? signalCode}):\n${said(program, place)}`);
    },
    START_LIMIT_MS,
  );
}

function isAs(seen: string, wanted: string | RegExp): boolean {
  return typeof wanted === "string" ? seen === wanted : wanted.test(seen);
}

/** What the server has forked may hold the port a moment longer. */
async function closes<P extends string>(
  place: Place<P>,
  cases: readonly Case<P>[],
  port: P,
): Promise<void> {
  const one = cases.find(([of]) => of === port);
  if (one === undefined) throw new Error(`No check goes to port ${port}`);
  await eventually(`port ${port} is closed`, async () => (await see(place, one)) === REFUSED);
}

/** On its outputs and in files that end in "log". */
function said<P extends string>(program: Program, { directory }: Place<P>): string {
  const files = readdirSync(directory).filter((name) => name.endsWith("log"));
  const texts = files.map((name) => readFileSync(join(directory, name), "utf8"));
  return [program.output(), ...texts].join("\n");
}

async function stop({ child }: Program): Promise<void> {
  const { pid, exitCode, signalCode } = child;
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await inTime(exited, STOP_LIMIT_MS, "the server");
}
