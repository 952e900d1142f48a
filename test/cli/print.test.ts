import { spawn } from "node:child_process";
import { once } from "node:events";
import test from "ava";

const LINE = "a line of some length, with a letter of two bytes: é\n";
const COUNT = 40_000;

/** Prints some megabytes in a process of its own; `touched`: its standard output is a stream already, which does not block. */
function start(touched: boolean) {
  const print = new URL("../../src/cli/print.js", import.meta.url);
  const script = `
    import { print } from ${JSON.stringify(print)};
    ${touched ? "process.stdout;" : ""}
    const lines = Array.from({ length: ${COUNT} }, (_, i) => i + ${JSON.stringify(LINE)});
    print([...lines.slice(0, 9), lines.slice(9, -9).join(""), ...lines.slice(-9)]);
    print(lines);`;
  return spawn("node", ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

for (const touched of [false, true]) {
  test(`print() loses nothing to a slow reader, stdout ${touched ? "a stream" : "untouched"}`, async (t) => {
    const child = start(touched);
    // Nobody reads until the pipe is full.
    await once(child.stdout, "readable");
    const parts: Buffer[] = [];
    child.stdout.on("data", (part: Buffer) => parts.push(part));
    const [status] = (await once(child, "close")) as [number];
    t.is(status, 0);
    const lines = Array.from({ length: COUNT }, (_, i) => i + LINE).join("");
    t.true(Buffer.concat(parts).toString() === lines + lines);
  });

  test(`print() takes no offence when nobody reads, stdout ${touched ? "a stream" : "untouched"}`, async (t) => {
    const child = start(touched);
    child.stdout.destroy();
    const [status] = (await once(child, "close")) as [number];
    t.is(status, 0);
  });
}
