import { readFileSync } from "node:fs";
import test from "ava";
import { writtenIn } from "../../src/config/foreign/front-ends.ts";
import { readNative } from "../../src/config/native.ts";
import { DEGRADED_KINDS } from "../../src/control/degraded.ts";

const examples = [...readFileSync("README.md", "utf8").matchAll(/^```ini\n(.*?)^```$/gms)].map(
  ([, text]) => text ?? "",
);

test("README.md has an example", (t) => {
  t.true(examples.length > 0);
});

/** What an example includes is there, and says nothing. */
const outside = {
  read: () => "",
  find: (pattern: string) => [pattern],
  environment: () => undefined,
  configId: "lb1",
};

for (const [i, text] of examples.entries()) {
  test(`example ${i + 1} of README.md is a configuration`, (t) => {
    const scan = writtenIn("README.md", text, outside, "ini");
    const read = readNative({
      file: "README.md",
      text,
      scan,
      hostname: "h",
      ownAddresses: new Set(),
    });
    t.true(read.ok, JSON.stringify(read.ok ? [] : read.problems));
  });
}

test("README.md explains every kind of what is wrong", (t) => {
  const text = readFileSync("README.md", "utf8");
  for (const kind of Object.keys(DEGRADED_KINDS)) t.true(text.includes(`\`${kind}\``), kind);
});
