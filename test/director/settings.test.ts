import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { Sysctls } from "../../src/daemon/process/sysctls.ts";
import { openKept } from "../../src/director/kept.ts";
import { openKernelAccess } from "../../src/director/kernel.ts";
import { type LvsSettings, openLvsSettings } from "../../src/director/settings.ts";
import { type LvsConfig, NO_LVS } from "../../src/ipvs/lvs.ts";
import { KernelError } from "../../src/kernel/errors.ts";
import type { Log } from "../../src/lib/log.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { type KernelModel, kernelModel, settingsModel } from "../ipvs/kernel-model.ts";

const sync = { instance: "VI_1", interface: "eth1", syncId: 51 };

test("the sync daemon is a backup until its instance is MASTER, and again after", (t) => {
  const { settings, states } = rig(t);
  settings.configure({ ...NO_LVS, sync }, false);
  t.deepEqual(states(), ["backup"]);
  settings.instanceIs("VI_1", "MASTER");
  t.deepEqual(states(), ["master"]);
  settings.instanceIs("VI_2", "BACKUP");
  t.deepEqual(states(), ["master"]);
  settings.instanceIs("VI_1", "FAULT");
  t.deepEqual(states(), ["backup"]);
  settings.restore();
  t.deepEqual(states(), []);
});

test("a run after a crash keeps the master daemon until it hears what the instance is", (t) => {
  const before = rig(t);
  before.settings.configure({ ...NO_LVS, sync }, false);
  before.settings.instanceIs("VI_1", "MASTER");
  const after = rig(t, before.dir, before.kernel);
  after.settings.configure({ ...NO_LVS, sync }, false);
  t.deepEqual(after.states(), ["master"]);
  after.settings.instanceIs("VI_1", "BACKUP");
  t.deepEqual(after.states(), ["backup"]);
});

test("without an instance both run, and one that was stopped by hand comes back within a second", (t) => {
  const { settings, states, kernel, advance } = rig(t);
  settings.configure({ ...NO_LVS, sync: { ...sync, instance: null } }, false);
  t.deepEqual(states(), ["backup", "master"]);
  const [first] = kernel.settings.daemons();
  if (first !== undefined) kernel.settings.stopDaemon(first);
  advance(1000);
  t.deepEqual(states(), ["backup", "master"]);
  t.is(settings.status().sync_daemons.length, 2);
});

test("a run after a crash stops the daemon that is not configured any more", (t) => {
  const before = rig(t);
  before.settings.configure({ ...NO_LVS, sync }, false);
  const after = rig(t, before.dir, before.kernel);
  after.settings.configure(NO_LVS, false);
  t.deepEqual(after.states(), []);
  t.throws(() => readFileSync(join(before.dir, "kept.json")), { code: "ENOENT" });
});

test("a refused daemon is an error with its cause, tried again with a growing pause", (t) => {
  const kernel = kernelModel([]);
  let tries = 0;
  const settingsOfKernel = settingsModel();
  const refusing = {
    ...kernel,
    settings: {
      ...settingsOfKernel,
      startDaemon(daemon: Parameters<typeof settingsOfKernel.startDaemon>[0]) {
        tries += 1;
        if (tries < 4) throw new KernelError("newDaemon", 19);
        settingsOfKernel.startDaemon(daemon);
      },
    },
  };
  const { settings, advance } = rig(t, undefined, refusing);
  settings.configure({ ...NO_LVS, sync }, false);
  t.deepEqual(settings.status().errors, [
    "lvs_sync_daemon: Cannot start the backup daemon on eth1: there is no such interface, or it is down",
  ]);
  for (const [ms, expected] of [[1000, 2], [1000, 2], [1000, 3], [4000, 4]] as const) {
    advance(ms);
      t.is(tries, expected);
  } // biome-ignore format: a row
  t.deepEqual(settings.status().errors, []);
});

test("timeouts are set, kept against drift, and put back by a stop or the next run", (t) => {
  const { settings, kernel, advance, dir } = rig(t);
  const lvs: LvsConfig = { ...NO_LVS, timeouts: { tcpS: 7200, tcpFinS: 0, udpS: 60 } };
  settings.configure(lvs, false);
  t.deepEqual(kernel.settings.timeouts(), { tcpS: 7200, tcpFinS: 120, udpS: 60 });
  kernel.settings.setTimeouts({ tcpS: 5, tcpFinS: 0, udpS: 0 });
  advance(1000);
  t.is(kernel.settings.timeouts().tcpS, 7200);
  const after = rig(t, dir, kernel);
  after.settings.configure(NO_LVS, false);
  t.deepEqual(kernel.settings.timeouts(), { tcpS: 900, tcpFinS: 120, udpS: 300 });
});

test("settings of net.ipv4.vs and forwarding are asked for, and released", (t) => {
  const { settings, needed } = rig(t);
  const sysctls = [
    { name: "conntrack", value: "1" },
    { name: "nosuch", value: "1" },
  ];
  settings.configure({ ...NO_LVS, sysctls }, true);
  t.deepEqual([...needed].sort(), ["net/ipv4/ip_forward=1", "net/ipv4/vs/conntrack=1"]);
  t.deepEqual(settings.status().errors, ["lvs_sysctl nosuch: this kernel has no such setting"]);
  settings.configure({ ...NO_LVS, ipForward: false }, true);
  t.deepEqual([...needed], []);
});

test("a file that is not one of its own is nothing to put back", (t) => {
  const { dir } = rig(t);
  for (const text of ["", "{", "[]", "null", '{"daemons":7,"timeouts":{}}']) {
    writeFileSync(join(dir, "kept.json"), text);
    const { daemons, timeouts } = openKept(join(dir, "kept.json"), quiet).read();
    t.deepEqual({ daemons, timeouts }, { daemons: [], timeouts: null });
  }
});

type Rig = {
  readonly settings: LvsSettings;
  readonly kernel: KernelModel;
  readonly states: () => readonly string[];
  readonly advance: (ms: number) => void;
  /** PATH=VALUE that somebody needs. */
  readonly needed: ReadonlySet<string>;
  readonly dir: string;
};

const quiet = { debug() {}, info() {}, warn() {}, error() {} } as unknown as Log;

function rig(t: ExecutionContext, given?: string, kernel: KernelModel = kernelModel([])): Rig {
  const dir = given ?? mkdtempSync(join(tmpdir(), "duet-settings-"));
  if (given === undefined) t.teardown(() => rmSync(dir, { recursive: true }));
  const { clock, advance } = virtualClock();
  const needed = new Set<string>();
  const users = new Map<object, string[]>();
  const sysctls: Sysctls = {
    need(user, path, value) {
      if (path.endsWith("nosuch")) return "this kernel has no such setting";
      users.set(user, [...(users.get(user) ?? []), `${path}=${value}`]);
      return refresh();
    },
    release(user) {
      users.delete(user);
      refresh();
    },
    needAtLeast: () => null,
    releaseAll: () => {},
  };
  function refresh(): null {
    needed.clear();
    for (const each of [...users.values()].flat()) needed.add(each);
    return null;
  }
  const settings = openLvsSettings({
    kernel: openKernelAccess({ open: () => kernel, log: quiet }),
    sysctls,
    kept: openKept(join(dir, "kept.json"), quiet),
    clock,
    log: quiet,
  });
  const states = (): readonly string[] =>
    kernel.settings
      .daemons()
      .map(({ state }) => state)
      .sort();
  return { settings, kernel, states, advance, needed, dir };
}
