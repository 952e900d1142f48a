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

void import("./program.ts").then(async ({ runProgram }) => runProgram(process.argv));
