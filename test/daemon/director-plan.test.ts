// A plan says what the reload then does: the same operations of the kernel's table, for any two configurations.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import type { ProbeResult, Target } from "../../src/check/model.ts";
import type { CheckConfig } from "../../src/check/types/index.ts";
import type { RealServerConfig, VirtualServerConfig } from "../../src/config/model.ts";
import { openDirector } from "../../src/daemon/director/director.ts";
import { type DirectorFacts, planDirector } from "../../src/daemon/director/plan.ts";
import type { RoleBody } from "../../src/daemon/process/role.ts";
import { operationText } from "../../src/ipvs/reconcile.ts";
import { commonCheck } from "../helpers/checks.ts";
import { configWith } from "../helpers/desk-fixtures.ts";
import { modelNftables } from "../helpers/model-nftables.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { realServerConfig, virtualServerConfig } from "../helpers/virtual-server.ts";
import { type KernelModel, kernelModel } from "../ipvs/kernel-model.ts";

const anyCheck: fc.Arbitrary<CheckConfig> = fc
  .record({ intervalMs: fc.constantFrom(6000, 9000), rise: fc.constantFrom(1, 1, 2) })
  .map((timing) => ({ ...commonCheck, ...timing, name: "ok", type: "tcp", tls: null, steps: [] }));

const anyServer: fc.Arbitrary<RealServerConfig> = fc
  .record({
    octet: fc.integer({ min: 1, max: 4 }),
    name: fc.constantFrom("a", "b", "c"),
    weight: fc.constantFrom(0, 1, 2, 3),
    forward: fc.constantFrom("NAT" as const, "DR" as const),
    alpha: fc.boolean(),
    inhibitOnFailure: fc.boolean(),
    checks: fc.array(anyCheck, { maxLength: 2 }),
  })
  .map(({ octet, name, weight, forward, ...others }) => {
    const server = realServerConfig(name, `10.0.1.${octet}`, others);
    return { ...server, destination: { ...server.destination, weight, forward } };
  });

const anyService: fc.Arbitrary<VirtualServerConfig> = fc
  .record({
    name: fc.constantFrom("web", "mail", "dns"),
    octet: fc.integer({ min: 1, max: 3 }),
    isMarked: fc.constantFrom(false, false, true),
    scheduler: fc.constantFrom("rr", "wrr"),
    quorum: fc.constantFrom(1, 2, 4),
    hysteresis: fc.constantFrom(0, 1),
    sorry: fc.boolean(),
    sorryInhibit: fc.boolean(),
    haSuspend: fc.constantFrom(false, false, true),
    persistence: fc.constantFrom(null, { timeoutS: 50, prefixLength: null }),
    realServers: fc.uniqueArray(anyServer, { selector: ({ name }) => name, maxLength: 3 }),
  })
  .map(({ octet, isMarked, sorry, ...others }) =>
    virtualServerConfig({
      ...others,
      keys: [
        isMarked
          ? { kind: "fwmark", fwmark: octet, family: 4 }
          : { kind: "address", protocol: "tcp", address: `10.0.0.${octet}`, port: 80 },
      ],
      sorryServer: sorry ? { address: "127.0.0.1", port: 8080, forward: "NAT", weight: 1 } : null,
    }),
  );

const anyServices = fc
  .uniqueArray(anyService, { selector: ({ name }) => name, maxLength: 3 })
  .map((services) => {
    const keys = services.map(({ keys: own }) => JSON.stringify(own));
    return services.filter((_, i) => keys.indexOf(keys[i] ?? "") === i);
  });

/** Each with how long it runs until the next one comes. */
const anyHistory = fc.record({
  steps: fc.array(fc.tuple(anyServices, fc.constantFrom(0, 300, 5000, 15_000)), {
    minLength: 1,
    maxLength: 2,
  }),
  last: anyServices,
  sick: fc.subarray(["10.0.1.1", "10.0.1.2", "10.0.1.3"]),
  drift: fc.constantFrom("repair" as const, "report" as const),
  flush: fc.boolean(),
  isForeign: fc.boolean(),
});

const HERE = "10.0.0.1";
const foreign = {
  key: { kind: "address", protocol: "udp", address: "10.0.0.99", port: 53 },
  scheduler: "rr",
  persistence: null,
  destinations: [],
} as const;

test("the plan's operations are those of the reload, and after it there are none", async (t) => {
  let changing = 0;
  await fc.assert(
    fc.asyncProperty(anyHistory, async ({ steps, last, sick, drift, flush, isForeign }) => {
      const rig = openRig(new Set(sick));
      try {
        if (isForeign) rig.kernel.one({ kind: "add-service", service: foreign });
        for (const [services, forMs] of steps) {
          await rig.configure(services, drift, false);
          await rig.advance(forMs);
        }
        const planned = rig.planned(last, flush);
        if (planned.length > 0) changing += 1;
        const before = rig.kernel.log.length;
        await rig.configure(last, drift, flush);
        t.deepEqual([...planned].sort(), rig.kernel.log.slice(before).sort());
        t.deepEqual(rig.planned(last, flush), []);
      } finally {
        rig.close();
      }
    }),
    { numRuns: 500 },
  );
  t.true(changing > 250, `only ${changing} of 500 changed something`);
});

test("a reload once more, while checks have not decided, leaves those that stand in where they are", async (t) => {
  const rig = openRig(new Set());
  const sorryServer = { address: "127.0.0.1", port: 8080, forward: "NAT", weight: 1 } as const;
  await rig.configure([virtualServerConfig({ sorryServer })], "repair", false);
  const check = { ...commonCheck, name: "ok", type: "tcp", tls: null, steps: [] } as const;
  const a = realServerConfig("a", "10.0.1.1");
  const b = realServerConfig("b", "10.0.1.2", { checks: [check] });
  const next = [virtualServerConfig({ hysteresis: 1, realServers: [a, b] })];
  await rig.configure(next, "repair", false);
  const stand = ["10.0.1.1", "127.0.0.1"];
  const places = (): readonly string[] =>
    rig.kernel.table().flatMap(({ destinations }) => destinations.map(({ address }) => address));
  t.deepEqual([...places()].sort(), stand);
  t.deepEqual(rig.planned(next, false), []);
  await rig.configure(next, "repair", false);
  t.deepEqual([...places()].sort(), stand);
  rig.close();
});

test("nothing is planned for what the kernel refuses and is asked for again later", async (t) => {
  const rig = openRig(new Set());
  const web = virtualServerConfig({ scheduler: "mh" });
  rig.kernel.missingSchedulers.add("mh");
  await rig.configure([web], "repair", false);
  t.deepEqual(rig.planned([web], false), []);
  t.deepEqual(rig.planned([{ ...web, scheduler: "rr" }], false), ["add tcp 10.0.0.1:80"]);
  rig.close();
});

type Rig = {
  readonly kernel: KernelModel;
  readonly configure: (
    services: readonly VirtualServerConfig[],
    drift: "repair" | "report",
    flush: boolean,
  ) => Promise<void>;
  readonly advance: (ms: number) => Promise<void>;
  readonly planned: (services: readonly VirtualServerConfig[], flush: boolean) => readonly string[];
  readonly close: () => void;
};

function openRig(sick: ReadonlySet<string>): Rig {
  const runDir = mkdtempSync(join(tmpdir(), "duet-plan-"));
  const { clock, advance } = virtualClock();
  const kernel = kernelModel();
  const { log } = memoryLog();
  let ask = (): unknown => undefined;
  const nothing = (): void => {};
  const body: RoleBody = openDirector({
    context: {
      log,
      runDir,
      started: { wallMs: 1, uptimeMs: 0 },
      file: { file: "", how: {}, half: null },
      tell: nothing,
    },
    clock,
    random: () => 0,
    forwarding: () => ({ problemsOf: () => new Map(), isNeeded: () => false }),
    addresses: () => ({ addresses: () => [{ address: HERE }], close: nothing }),
    askWay: () => null,
    nftables: modelNftables([]).open,
    open: () => kernel,
    async probe({ address }: Target): Promise<ProbeResult> {
      return sick.has(address)
        ? { ok: false, cause: "wrong_status", detail: "500", tookMs: 1 }
        : { ok: true, detail: "200", tookMs: 1 };
    },
    openBus(options) {
      ask = options.facts ?? nothing;
      return { tell: nothing, tellSessions: nothing, flush: async () => {}, close: nothing };
    },
  });
  return {
    kernel,
    async configure(virtualServers, drift, flush) {
      const base = configWith({ virtualServers });
      await body.configure({ ...base, lvs: { ...base.lvs, drift, flush } });
    },
    async advance(ms) {
      for (let passedMs = 0; passedMs < ms; passedMs += 300) {
        advance(300);
        // A probe's result passes through promises only.
        await new Promise((resolve) => setImmediate(resolve));
      }
      // What was decided in this moment is done.
      advance(0);
    },
    planned(virtualServers, flush) {
      // As it comes over the bus and the control socket.
      const facts = JSON.parse(JSON.stringify(ask())) as DirectorFacts;
      const { operations } = planDirector(facts, {
        virtualServers,
        flush,
        isOut: () => false,
        isSuspended: ({ haSuspend, keys: [key] }) =>
          haSuspend && !(key?.kind === "address" && key.address === HERE),
        refused: new Map(),
      });
      return operations.map(operationText);
    },
    close() {
      void body.orphaned();
      rmSync(runDir, { recursive: true });
    },
  };
}
