// argv -> a role of the daemon, or a command. Each loads only what it needs.

import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Wish } from "./daemon/guardian/wishes.ts";
import { FILES_VARIABLE, filesId } from "./lib/program-files.ts";
import { readVersion } from "./lib/version.ts";

/** What roles are started with. */
const program = fileURLToPath(new URL("main.js", import.meta.url));

/** What main.ts knows. */
type Begun = {
  /** Ends the process. */
  readonly cannotLoad: (error: unknown) => undefined;
  /** The signals that came before anything was loaded, and still come. */
  readonly early: readonly Wish[];
  /** Programs whose command line duet takes, as a verb or under their names. */
  readonly standsIn: readonly string[];
};

export async function runProgram(
  [, name = "", ...args]: readonly string[],
  begun: Begun,
): Promise<void> {
  const { cannotLoad } = begun;
  try {
    await carryOut(basename(name), args, begun);
  } catch (error) {
    if (!isOfLoading(error)) throw error;
    cannotLoad(error);
  }
}

async function carryOut(name: string, args: readonly string[], begun: Begun): Promise<void> {
  // Under the name of a program that it stands in for it is that program.
  const status =
    name === "ipvsadm"
      ? await (await import("./cli/ipvs.ts")).runIpvs(args, "ipvsadm")
      : await main(begun.standsIn.includes(name) ? [name, ...args] : args, begun);
  if (status === undefined) return;
  await written(process.stdout);
  await written(process.stderr);
  process.exit(status);
}

/** A file is not there, or of another version than who wants it. */
function isOfLoading(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error) return error.code === "ERR_MODULE_NOT_FOUND";
  return error instanceof SyntaxError && error.message.includes("does not provide an export");
}

async function main(
  [verb = "help", ...args]: readonly string[],
  { cannotLoad, early, standsIn }: Begun,
): Promise<number | undefined> {
  // What stands in for another program has a help of its own.
  if (!["ipvs", ...standsIn, "--role"].includes(verb) && args.includes("--help")) {
    const status = (await import("./cli/help.ts")).runUsage(verb);
    if (status !== undefined) return status;
  }
  switch (verb) {
    case "--role":
      return startRole(args, cannotLoad);
    case "run":
      return (await import("./daemon/guardian/run.ts")).runRun(args, program, early);
    case "keepalived":
      return (await import("./daemon/guardian/stand-in/keepalived.ts")).runKeepalived(
        args,
        program,
        early,
      );
    case "ldirectord":
      return (await import("./daemon/guardian/stand-in/ldirectord.ts")).runLdirectord(args, {
        program,
        early,
      });
    case "release":
      return (await import("./daemon/release.ts")).runRelease(args);
    case "plan": {
      const loadPlanner = async () => (await import("./daemon/plan/plan.ts")).planReload;
      return (await import("./cli/plan.ts")).runPlan(args, loadPlanner);
    }
    case "ipvs":
      return (await import("./cli/ipvs.ts")).runIpvs(args);
    default:
      return (await import("./cli/commands.ts")).runCommand([verb, ...args]);
  }
}

async function startRole(
  [role = "", file = "", how = "{}"]: readonly string[],
  cannotLoad: Begun["cannotLoad"],
): Promise<undefined> {
  const load = ROLES.get(role);
  if (load === undefined) throw new Error(`Cannot start role "${role}"`);
  const start = await load().catch(cannotLoad);
  if (start !== undefined && isOfGuardian()) start(file, how);
}

/** The reader takes a file, and how to read it. */
type Start = (file: string, how: string) => void;

const ROLES: ReadonlyMap<string, () => Promise<Start>> = new Map<string, () => Promise<Start>>([
  ["vrrp", async () => (await import("./daemon/vrrp/vrrp.ts")).runVrrp],
  ["director", async () => (await import("./daemon/director/director.ts")).runDirector],
  ["desk", async () => (await import("./daemon/desk/desk.ts")).runDesk],
  ["once", async () => (await import("./daemon/guardian/once.ts")).runOnceRole],
  ["reader", async () => (await import("./daemon/guardian/reader.ts")).runReader],
]);

/** What was loaded may be another version than the guardian, whose messages it would not understand. */
function isOfGuardian(): boolean {
  const started = process.env[FILES_VARIABLE];
  if (started === undefined || process.send === undefined) return true;
  const files = filesId(dirname(program));
  if (files === started) return true;
  const reason = `duet's own files were replaced since it was started (now version ${readVersion()})`;
  process.send({ type: "unloadable", reason, files }, undefined, undefined, () => process.exit(1));
  return false;
}

/** An exit would cut off what a slow reader of a pipe has not taken yet: 64 KB and no more would arrive. */
async function written(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength === 0) return;
  await new Promise<void>((resolve) => {
    stream.once("error", () => resolve());
    stream.write("", () => resolve());
  });
}
