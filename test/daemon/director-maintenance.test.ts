import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { openMaintenance } from "../../src/daemon/director-maintenance.ts";
import { timeoutClock } from "../../src/lib/clock.ts";
import { memoryLog, temporaryDirectory } from "../helpers/sockets.ts";
import { until } from "../helpers/until.ts";
import { realServerConfig } from "../helpers/virtual-server.ts";

const rs1 = realServerConfig("rs1", "10.0.0.21");
const rs6 = realServerConfig("rs6", "2001:db8::21");

test("a file named after a real server takes it out at once, and its end brings it back", async (t) => {
  const directory = join(temporaryDirectory(t), "maintenance");
  const { log, lines } = memoryLog();
  let changes = 0;
  const maintenance = openMaintenance({
    clock: timeoutClock,
    log,
    onChange() {
      changes += 1;
    },
  });
  t.teardown(() => maintenance.close());
  maintenance.configure(directory);
  await until("its absence is told", () => lines.length === 1);
  mkdirSync(directory);
  for (const [file, server] of [
    ["10.0.0.21:80", rs1],
    ["10.0.0.21", rs1],
    ["rs1", rs1],
    ["web.rs1", rs1],
    ["[2001:db8::21]:80", rs6],
    ["2001:db8::21", rs6],
  ] as const) {
    writeFileSync(join(directory, file), "");
    await until(`${file} counts`, () => maintenance.fileOf("web", server) === file);
    t.is(maintenance.fileOf("web", server === rs1 ? rs6 : rs1), undefined);
    rmSync(join(directory, file));
    await until(`${file} is gone`, () => maintenance.fileOf("web", server) === undefined);
  }
  t.is(changes, 12);
  writeFileSync(join(directory, "other.rs1"), "");
  writeFileSync(join(directory, "10.0.0.21:81"), "");
  await until("both are seen", () => changes >= 13);
  t.is(maintenance.fileOf("web", rs1), undefined);
  writeFileSync(join(directory, "rs1"), "");
  await until("it counts", () => maintenance.fileOf("web", rs1) === "rs1");
  maintenance.configure(null);
  t.is(maintenance.fileOf("web", rs1), undefined);
});
