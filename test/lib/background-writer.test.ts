import { closeSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { openBackgroundWriter } from "../../src/lib/background-writer.ts";

test("openBackgroundWriter() writes in order, and idle() resolves when all is written", async (t) => {
  const path = join(mkdtempSync(join(tmpdir(), "duet-writer-")), "text");
  const fd = openSync(path, "w");
  const writer = openBackgroundWriter({ fd, waitingMaxBytes: 1000, onDrained() {} });
  const texts = Array.from({ length: 50 }, (_, i) => `${i}\n`);
  for (const text of texts) {
    writer.write(text);
    if (text === "20\n") await writer.idle(5000);
  }
  await writer.idle(5000);
  t.is(readFileSync(path, "utf8"), texts.join(""));
  closeSync(fd);
});

test("openBackgroundWriter() drops what does not fit, and says how many", async (t) => {
  const path = join(mkdtempSync(join(tmpdir(), "duet-writer-")), "text");
  const fd = openSync(path, "w");
  const told: number[] = [];
  const writer = openBackgroundWriter({
    fd,
    waitingMaxBytes: 10,
    onDrained: (dropped) => told.push(dropped),
  });
  for (const text of ["12345", "67890", "a", "b"]) writer.write(text);
  await writer.idle(5000);
  t.is(readFileSync(path, "utf8"), "1234567890");
  t.deepEqual(told, [2]);
  closeSync(fd);
});
