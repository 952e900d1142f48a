// argv -> a role of the daemon, or a command. Each loads only what it needs.

import { basename } from "node:path";
import { fileURLToPath } from "node:url";

/** What roles are started with. */
const program = fileURLToPath(new URL("main.js", import.meta.url));

export async function runProgram([, name = "", ...args]: readonly string[]): Promise<void> {
  // Under the name ipvsadm it is ipvsadm.
  const isIpvsadm = basename(name) === "ipvsadm";
  const status = isIpvsadm
    ? await (await import("./cli/ipvs.ts")).runIpvs(args, "ipvsadm")
    : await main(args);
  if (status === undefined) return;
  await written(process.stdout);
  await written(process.stderr);
  process.exit(status);
}

async function main([verb = "help", ...args]: readonly string[]): Promise<number | undefined> {
  switch (verb) {
    case "--role":
      return startRole(args);
    case "run":
      return (await import("./daemon/run.ts")).runRun(args, program);
    case "release":
      return (await import("./daemon/release.ts")).runRelease(args);
    case "ipvs":
      return (await import("./cli/ipvs.ts")).runIpvs(args);
    default:
      return (await import("./cli/commands.ts")).runCommand([verb, ...args]);
  }
}

async function startRole([role = "", ...args]: readonly string[]): Promise<undefined> {
  switch (role) {
    case "vrrp":
      return (await import("./daemon/vrrp.ts")).runVrrp() as undefined;
    case "director":
      return (await import("./daemon/director.ts")).runDirector() as undefined;
    case "desk":
      return (await import("./daemon/desk.ts")).runDesk() as undefined;
    case "once":
      return (await import("./daemon/once.ts")).runOnceRole() as undefined;
    case "reader":
      return (await import("./daemon/reader.ts")).runReader(args[0] ?? "") as undefined;
    default:
      throw new Error(`Cannot start role "${role}"`);
  }
}

/** An exit would cut off what a slow reader of a pipe has not taken yet: 64 KB and no more would arrive. */
async function written(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength === 0) return;
  await new Promise<void>((resolve) => {
    stream.once("error", () => resolve());
    stream.write("", () => resolve());
  });
}
