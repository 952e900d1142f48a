import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { openMaintenance } from "../../src/director/maintenance.ts";
import { timeoutClock } from "../../src/lib/clock.ts";
import { memoryLog, temporaryDirectory } from "../helpers/sockets.ts";
import { until } from "../helpers/until.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { realServerConfig, virtualServerConfig } from "../helpers/virtual-server.ts";

const rs1 = realServerConfig("rs1", "10.0.0.21");
const rs6 = realServerConfig("rs6", "2001:db8::21");
const web = virtualServerConfig({ realServers: [rs1, rs6] });

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
  void maintenance.configure(directory, [web]);
  await until("its absence is told", () => lines.length === 1);
  mkdirSync(directory);
  for (const [file, server] of [
    ["10.0.0.21:80", rs1],
    ["10.0.0.21", rs1],
    ["rs1", rs1],
    ["web.rs1", rs1],
    ["[2001:db8::21]:80", rs6],
    ["2001:db8::21", rs6],
    ["[2001:db8::21]", rs6],
    ["2001:DB8:0::21", rs6],
  ] as const) {
    writeFileSync(join(directory, file), "");
    await until(`${file} counts`, () => maintenance.fileOf("web", server) === file);
    t.is(maintenance.fileOf("web", server === rs1 ? rs6 : rs1), undefined);
    rmSync(join(directory, file));
    await until(`${file} is gone`, () => maintenance.fileOf("web", server) === undefined);
  }
  t.is(changes, 16);
  writeFileSync(join(directory, "other.rs1"), "");
  writeFileSync(join(directory, "10.0.0.21:81"), "");
  await until("both are seen", () => changes >= 17);
  t.is(maintenance.fileOf("web", rs1), undefined);
  writeFileSync(join(directory, "rs1"), "");
  await until("it counts", () => maintenance.fileOf("web", rs1) === "rs1");
  t.is(maintenance.configure(null, [web]), undefined);
  t.is(maintenance.fileOf("web", rs1), undefined);
});

test("a file named after a host takes out who has its address; an answer outlives the name server", async (t) => {
  const directory = temporaryDirectory(t);
  const { log, lines } = memoryLog();
  const { clock, advance } = virtualClock();
  const answers = new Map([["shop1.example.com", ["10.0.0.21"]]]);
  const asked: string[] = [];
  const maintenance = openMaintenance({
    clock,
    log,
    onChange() {},
    async resolve(name) {
      asked.push(name);
      const found = answers.get(name);
      if (found === undefined) throw new Error(`ENOTFOUND ${name}`);
      return Promise.resolve(found);
    },
  });
  t.teardown(() => maintenance.close());
  for (const file of ["Shop1.example.com:80", "nobody", ".swp", "notes~", "rs6"]) {
    writeFileSync(join(directory, file), "");
  }
  await maintenance.configure(directory, [web]);
  t.is(maintenance.fileOf("web", rs1), "Shop1.example.com:80");
  t.is(maintenance.fileOf("web", rs6), "rs6");
  const other = { ...rs1, destination: { ...rs1.destination, port: 81 } };
  t.is(maintenance.fileOf("web", other), undefined);
  t.deepEqual(asked.sort(), ["nobody", "shop1.example.com"]);
  t.like(lines[0], { host: "nobody", msg: "maintenance file of nobody" });
  answers.clear();
  answers.set("nobody", ["2001:db8::21"]);
  asked.length = 0;
  rmSync(join(directory, "rs6"));
  await until("the name is known at last", () => {
    advance(60_000);
    return maintenance.fileOf("web", rs6) === "nobody";
  });
  t.is(maintenance.fileOf("web", rs1), "Shop1.example.com:80");
  t.true(asked.every((name) => name === "nobody"));
  t.is(lines.length, 1);
});

test("a name server that says nothing keeps a start waiting for a second at most", async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, "shop1"), "");
  const { clock, advance } = virtualClock();
  const maintenance = openMaintenance({
    clock,
    log: memoryLog().log,
    onChange() {},
    resolve: async () => new Promise(() => {}),
  });
  t.teardown(() => maintenance.close());
  const known = maintenance.configure(directory, [web]);
  advance(1000);
  await known;
  t.is(maintenance.fileOf("web", rs1), undefined);
});
