import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { openKernelAccess } from "../../src/director/kernel.ts";
import { type Owned, openOwned } from "../../src/director/owned.ts";
import { openTable, type Table } from "../../src/director/table.ts";
import type { Ipvs } from "../../src/ipvs/apply.ts";
import type { Destination, Service, ServiceKey } from "../../src/ipvs/model.ts";
import type { Log } from "../../src/lib/log.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { type KernelModel, kernelModel, sorted } from "../ipvs/kernel-model.ts";

const web: ServiceKey = { kind: "address", protocol: "tcp", address: "10.0.0.1", port: 80 };
const mail: ServiceKey = { ...web, port: 25 };
const foreign = service(mail, destination(9));

test("want() carries out only the difference", (t) => {
  const { table, kernel } = rig(t, [service(web, destination(1), destination(2)), foreign]);
  table.want([service(web, destination(1), destination(3))]);
  t.deepEqual(kernel.log, [
    "add 10.0.1.3:80 to tcp 10.0.0.1:80",
    "remove 10.0.1.2:80 from tcp 10.0.0.1:80",
  ]);
  table.want([service(web, destination(1), destination(3))]);
  t.is(kernel.log.length, 2);
});

test("drift is repaired within a second and told; foreign services stay", (t) => {
  const { table, kernel, advance, lines } = rig(t, [foreign]);
  table.want([service(web, destination(1))]);
  kernel.one({ kind: "remove-service", key: web });
  advance(1000);
  t.deepEqual(sorted(kernel.table()), sorted([service(web, destination(1)), foreign]));
  const [told] = lines.filter(({ message }) => message === "table drift repaired");
  t.deepEqual(told?.fields["changed"], [
    "tcp 10.0.0.1:80 removed",
    "10.0.1.1:80 removed from tcp 10.0.0.1:80",
  ]);
  advance(5000);
  t.is(lines.filter(({ message }) => message === "table drift repaired").length, 1);
});

test("a change that meets drift looks again at once", (t) => {
  const { table, kernel } = rig(t, []);
  table.want([service(web, destination(1))]);
  kernel.one({ kind: "remove-service", key: web });
  table.want([service(web, destination(1, 5))]);
  t.deepEqual(sorted(kernel.table()), sorted([service(web, destination(1, 5))]));
});

test("the next look waits for 20 times what the last one took", (t) => {
  const { table, kernel, advance, clock } = rig(t, []);
  table.want([service(web, destination(1))]);
  let looks = 0;
  const slow = kernel.slow;
  slow.list = () => {
    looks += 1;
    clock.late(100);
  };
  advance(1000);
  t.is(looks, 1);
  advance(1899);
  t.is(looks, 1);
  advance(101);
  t.is(looks, 2);
});

test("a kernel without ip_vs puts every service in error, and is asked again after 5 s", (t) => {
  const { table, kernel, advance } = rig(t, []);
  kernel.broken.error = new Error("the kernel has no ip_vs (module ip_vs cannot be loaded)");
  t.is(table.list(), undefined);
  table.want([service(web, destination(1))]);
  t.is(table.errorOf(web), "the kernel has no ip_vs (module ip_vs cannot be loaded)");
  advance(4999);
  kernel.broken.error = undefined;
  t.deepEqual(kernel.table(), []);
  advance(1);
  t.is(table.errorOf(web), null);
  t.deepEqual(sorted(kernel.table()), sorted([service(web, destination(1))]));
});

test("an unknown scheduler is the error of its own service, told once, until it is there", (t) => {
  const { table, kernel, advance, lines } = rig(t, []);
  kernel.missingSchedulers.add("nosuch");
  table.want([{ ...service(mail), scheduler: "nosuch" }, service(web, destination(1))]);
  t.regex(table.errorOf(mail) ?? "", /ENOENT/);
  t.is(table.errorOf(web), null);
  advance(5000);
  t.is(lines.filter(({ message }) => message === "table not as configured").length, 1);
  t.is(lines.filter(({ message }) => message === "table drift repaired").length, 0);
  kernel.missingSchedulers.clear();
  advance(2000);
  t.is(table.errorOf(mail), null);
  t.is(kernel.table().length, 2);
});

test("what the kernel refuses is tried after 1, 2, 4 … 60 s, and at once when it is wanted differently", (t) => {
  const { table, kernel, advance } = rig(t, []);
  kernel.missingSchedulers.add("nosuch");
  const odd = { ...service(mail), scheduler: "nosuch" };
  table.want([odd]);
  const tries = (): number => kernel.log.length;
  t.is(tries(), 1);
  let atMs = 0;
  for (const [nextMs, expected] of [
    [1000, 2],
    [2999, 2],
    [3000, 3],
    [6999, 3],
    [7000, 4],
  ] as const) {
    advance(nextMs - atMs);
    atMs = nextMs;
    t.is(tries(), expected, `after ${nextMs} ms`);
  }
  advance(600_000);
  const before = tries();
  advance(59_000);
  t.true(tries() - before <= 1);
  table.want([{ ...odd }]);
  t.true(tries() - before <= 1, "the same again is not tried before its time");
  table.want([{ ...odd, persistence: { timeoutS: 9, prefixLength: 32 } }]);
  t.true(tries() - before >= 1);
});

test("a full table: what cannot be added takes no live server away, and other services work", (t) => {
  const old = service(web, destination(1), destination(2, 0));
  const { table, kernel, advance } = rig(t, [old]);
  kernel.refused.set("10.0.1.3:80", "ENOMEM");
  table.want([service(web, destination(3)), service(mail, destination(9))]);
  t.regex(table.errorOf(web) ?? "", /ENOMEM/);
  t.deepEqual(sorted(kernel.table()), sorted([old, service(mail, destination(9))]));
  kernel.refused.clear();
  advance(1000);
  t.deepEqual(
    sorted(kernel.table()),
    sorted([service(web, destination(3)), service(mail, destination(9))]),
  );
  t.is(table.errorOf(web), null);
});

test("drift is only reported when that is asked for: once, until it is gone; verdicts still count", (t) => {
  const { table, kernel, advance, lines } = rig(t, []);
  const says = (message: string): readonly Line[] =>
    lines.filter((line) => line.message === message);
  table.onDrift("report");
  table.want([service(web, destination(1), destination(2))]);
  kernel.one({
    kind: "set-destination",
    key: web,
    destination: destination(1, 9),
    from: destination(1),
  });
  advance(3000);
  const [told] = says("table drift found, left as it is");
  t.is(says("table drift found, left as it is").length, 1);
  t.deepEqual(told?.fields["changed"], ["10.0.1.1:80 of tcp 10.0.0.1:80 changed: weight 1 -> 9"]);
  t.deepEqual(table.drift(), told?.fields["changed"]);
  table.want([service(web, destination(1))]);
  t.deepEqual(sorted(kernel.table()), sorted([service(web, destination(1, 9))]));
  kernel.one({
    kind: "set-destination",
    key: web,
    destination: destination(1),
    from: destination(1, 9),
  });
  advance(1000);
  t.is(says("table drift gone").length, 1);
  t.deepEqual(table.drift(), []);
  t.is(says("table drift repaired").length, 0);
});

test("adoptAll() makes services of others go that are not wanted", (t) => {
  const { table, kernel } = rig(t, [foreign, service(web, destination(1))]);
  t.true(table.adoptAll());
  table.want([service(web, destination(1))]);
  t.deepEqual(kernel.log, ["remove tcp 10.0.0.1:25"]);
});

test("a service that a crashed run left and nobody configures is removed; a foreign one is not", (t) => {
  const before = rig(t, []);
  before.table.want([service(web, destination(1)), service({ ...web, port: 443 })]);
  const after = rig(t, [...before.kernel.table(), foreign], before.path);
  t.deepEqual([...after.owned.names()], ["tcp 10.0.0.1:80", "tcp 10.0.0.1:443"]);
  after.table.want([service(web, destination(1))]);
  t.deepEqual(after.kernel.log, ["remove tcp 10.0.0.1:443"]);
  t.deepEqual(JSON.parse(readFileSync(before.path, "utf8")), { services: ["tcp 10.0.0.1:80"] });
});

test("nothing is touched before the first want(), however long that takes", (t) => {
  const path = ownedFile(t);
  writeFileSync(path, '{"services":["tcp 10.0.0.1:25"]}');
  const { table, kernel, advance } = rig(t, [foreign], path);
  kernel.broken.error = new Error("away");
  table.list();
  kernel.broken.error = undefined;
  advance(20_000);
  t.deepEqual(kernel.log, []);
});

test("clear() removes what is ours and forgets the file", (t) => {
  const { table, kernel, path } = rig(t, [foreign]);
  table.want([service(web, destination(1))]);
  table.clear();
  t.deepEqual(sorted(kernel.table()), sorted([foreign]));
  t.throws(() => readFileSync(path), { code: "ENOENT" });
});

test("openOwned() ignores a file that is not one of its own", (t) => {
  const path = ownedFile(t);
  for (const text of ["", "{", "[]", "null", '{"services":7}']) {
    writeFileSync(path, text);
    t.is(openOwned(path, silentLog([])).names().size, 0);
  }
});

type Line = { readonly message: string; readonly fields: Readonly<Record<string, unknown>> };
type Rig = {
  readonly table: Table;
  readonly kernel: KernelModel & { readonly slow: { list: () => void } };
  readonly owned: Owned;
  readonly path: string;
  readonly lines: readonly Line[];
  readonly advance: (ms: number) => void;
  readonly clock: { readonly late: (ms: number) => void };
};

function rig(
  t: { readonly teardown: (work: () => void) => void },
  initial: readonly Service[],
  path = ownedFile(t),
): Rig {
  const { clock, advance } = virtualClock();
  let lateMs = 0;
  const lines: Line[] = [];
  const log = silentLog(lines);
  const slow = { list: () => {} };
  const kernel = kernelModel(initial);
  const owned = openOwned(path, log);
  const open = (): Ipvs => ({
    ...kernel,
    list() {
      slow.list();
      return kernel.list();
    },
  });
  const table = openTable({
    kernel: openKernelAccess({ open, log }),
    owned,
    clock: {
      nowMs: () => clock.nowMs() + lateMs,
      alarm(ring) {
        const alarm = clock.alarm(ring);
        return { set: (atMs) => alarm.set(atMs - lateMs) };
      },
    },
    log,
  });
  const late = (ms: number): void => {
    lateMs += ms;
  };
  return { table, kernel: { ...kernel, slow }, owned, path, lines, advance, clock: { late } };
}

function ownedFile(t: { readonly teardown: (work: () => void) => void }): string {
  const dir = mkdtempSync(join(tmpdir(), "duet-owned-"));
  t.teardown(() => rmSync(dir, { recursive: true }));
  return join(dir, "ipvs-owned.json");
}

function silentLog(lines: Line[]): Log {
  const write = (fields: unknown, message?: string): void => {
    if (typeof fields === "string") lines.push({ message: fields, fields: {} });
    else lines.push({ message: message ?? "", fields: fields as Line["fields"] });
  };
  return { debug: write, info: write, warn: write, error: write } as unknown as Log;
}

function service(key: ServiceKey, ...destinations: readonly Destination[]): Service {
  return { key, scheduler: "rr", persistence: null, destinations };
}

function destination(octet: number, weight = 1): Destination {
  return { address: `10.0.1.${octet}`, port: 80, forward: "NAT", weight };
}
