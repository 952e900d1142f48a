#!/usr/bin/env node
// Says which Node it takes, before anything is loaded that another one cannot read; then loads the program. So nothing here
// is newer than Node 12, which Debian 11 has: no import above, no await, no "??", or it would end with a stack trace.

const OLDEST = [20, 19] as const;

const found = process.versions.node.split(".").map(Number);
const [major = 0, minor = 0] = found;

if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  process.stderr.write(
    `duet: Cannot run on Node.js ${process.versions.node} (${process.execPath}): it must be ${OLDEST.join(".")} or newer\n`,
  );
  process.exit(2);
}

/** Programs whose command line duet takes, as a verb or under their names. */
const STANDS_IN = ["keepalived", "ldirectord"];

// The daemon's processes take no signal for an end before their own handlers are there.
const early: ("SIGTERM" | "SIGINT" | "SIGHUP")[] = [];
const [, name = "", verb = ""] = process.argv;
if (
  STANDS_IN.includes(name.replace(/.*\//, "")) ||
  ["run", ...STANDS_IN, "--role"].includes(verb)
) {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => early.push(signal));
  }
  // They ask for a dump file, of which there is none yet; unheard, the first opens Node's debugger and the second ends it.
  for (const signal of ["SIGUSR1", "SIGUSR2"] as const) process.on(signal, () => {});
}

void import("./program.ts").then(
  async ({ runProgram }) => runProgram(process.argv, { cannotLoad, early, standsIn: STANDS_IN }),
  cannotLoad,
);

/** An upgrade in place that is not done, mostly. The guardian is told by its channel, everybody else in a line. */
function cannotLoad(error: unknown): undefined {
  const what = error instanceof Error ? error.message.split("\n")[0] : String(error);
  const reason = `Cannot load duet's own files (is an upgrade under way?): ${what}`;
  if (process.send === undefined) {
    process.stderr.write(`duet: ${reason}\n`);
    process.exit(1);
  } else {
    process.send({ type: "unloadable", reason, files: null }, undefined, undefined, () =>
      process.exit(1),
    );
  }
}
