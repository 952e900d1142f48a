import test from "ava";
import type { ProbeResult, SaidWeight } from "../../src/check/model.ts";
import type { CheckConfig } from "../../src/check/types/index.ts";
import type { RealServerConfig, VirtualServerConfig } from "../../src/config/model.ts";
import { openServers, type Servers } from "../../src/director/servers.ts";
import { commonCheck } from "../helpers/checks.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { realServerConfig, virtualServerConfig } from "../helpers/virtual-server.ts";

const check: CheckConfig = {
  ...commonCheck,
  name: "ok",
  type: "tcp",
  tls: null,
  steps: [],
};

test("one probe serves all who ask the same, whatever they call it; each hears the verdict", async (t) => {
  const lab = rig();
  const twins = service("other", real(1, { checks: [{ ...check, name: "same" }] }));
  lab.configure(service("web", real(1), real(2)), twins);
  await lab.pass(900);
  t.deepEqual(lab.probed(), ["10.0.1.1:80", "10.0.1.2:80"]);
  t.deepEqual(lab.told(), ["web rs1 UP ok", "other rs1 UP same", "web rs2 UP ok"]);
  lab.sick.add("10.0.1.1:80");
  await lab.pass(1000);
  t.deepEqual(lab.told(), ["web rs1 DOWN ok", "other rs1 DOWN same"]);
  lab.probed();
  lab.configure(twins);
  await lab.pass(1000);
  t.deepEqual(
    lab.probed(),
    ["10.0.1.1:80"],
    "who is left keeps the probe, and nobody asks for the other",
  );
  t.false(lab.servers.of("other", "rs1").up);
});

test("what the first results find belongs to the start or the reload, what comes later does not", async (t) => {
  const lab = rig();
  const patient = { checks: [{ ...check, rise: 2, retry: 1 }] };
  lab.configure(service("web", real(1, patient), real(2, { ...patient, alpha: false })));
  lab.sick.add("10.0.1.2:80");
  await lab.pass(3000);
  t.deepEqual(lab.phases(), ["rs1 UP starting", "rs2 DOWN starting"]);
  lab.sick.add("10.0.1.1:80");
  await lab.pass(3000);
  t.deepEqual(lab.phases(), ["rs1 DOWN running"]);
  lab.sick.clear();
  lab.configure(service("web", real(1, patient), real(2, { checks: [] }), real(3)));
  await lab.pass(3000);
  t.deepEqual(lab.phases(), ["rs2 UP reloading", "rs3 UP reloading", "rs1 UP running"]);
});

test("another setting, another port or another source is another probe", async (t) => {
  const lab = rig();
  const source = { address: "10.0.0.9", port: null, interface: null, fwmark: null };
  const checks = [check, { ...check, timeoutMs: 7 }, { ...check, port: 81 }, { ...check, source }];
  lab.configure(service("web", real(1, { checks })));
  await lab.pass(900);
  t.is(lab.probed().length, 4);
});

test("who asks for a server that is known already waits for no probe, and a DOWN one is not assumed UP", async (t) => {
  const lab = rig();
  lab.sick.add("10.0.1.2:80");
  lab.configure(service("web", real(1), real(2)));
  await lab.pass(1000);
  lab.told();
  const hopeful = { alpha: false };
  const other = service("other", real(1), real(2, hopeful));
  lab.configure(service("web", real(1), real(2)), other);
  t.deepEqual(lab.told(), ["other rs1 UP configuration", "other rs2 DOWN configuration"]);
});

test("one who hopes and one who waits agree as soon as the probe has ended, at the latest", async (t) => {
  const lab = rig();
  lab.configure(service("web", real(1)), service("other", real(1, { alpha: false })));
  t.deepEqual([lab.servers.of("web", "rs1").up, lab.servers.of("other", "rs1").up], [false, true]);
  await lab.pass(1000);
  t.deepEqual([lab.servers.of("web", "rs1").up, lab.servers.of("other", "rs1").up], [true, true]);
});

test("a server whose checks rest keeps its verdict while another service goes on asking", async (t) => {
  const lab = rig();
  lab.configure(service("web", real(1)), service("other", real(1)));
  await lab.pass(1000);
  lab.told();
  lab.servers.suspend(({ name }) => name === "other");
  lab.sick.add("10.0.1.1:80");
  await lab.pass(1000);
  t.deepEqual(lab.told(), ["web rs1 DOWN ok"]);
  t.true(lab.servers.of("other", "rs1").up);
  lab.servers.suspend(() => false);
  t.deepEqual(lab.told(), ["other rs1 DOWN its checks go on"]);
});

test("a server that no check ever found well is DOWN for what its check said", async (t) => {
  const lab = rig();
  lab.sick.add("10.0.1.1:80");
  lab.configure(service("web", real(1)));
  t.is(lab.servers.standingOf("web", "rs1")?.cause, "no check has succeeded yet");
  await lab.pass(900);
  t.is(lab.servers.standingOf("web", "rs1")?.cause, "ok: wrong_status (500)");
  t.deepEqual(lab.told(), []);
});

test("check_quorum: that many checks must be UP, and the standing says which one was too many", async (t) => {
  const lab = rig();
  const checks = [80, 81, 82].map((port) => ({ ...check, name: `p${port}`, port }));
  lab.configure(service("web", real(1, { checks, checkQuorum: 2 })));
  await lab.pass(1000);
  t.deepEqual(lab.told(), ["web rs1 UP p81"]);
  lab.sick.add("10.0.1.1:81");
  await lab.pass(1000);
  t.deepEqual(lab.told(), []);
  lab.sick.add("10.0.1.1:82");
  await lab.pass(1000);
  t.like(lab.servers.standingOf("web", "rs1"), { up: false, cause: "p82: wrong_status (500)" });
  t.is(lab.servers.checksOf("web", "rs1")[2]?.recent?.length, 3);
});

test("checks say weights: the lowest that is set, what is added to it, within the limits", async (t) => {
  const lab = rig();
  const checks = [80, 81, 82].map((port) => ({ ...check, name: `p${port}`, port }));
  lab.configure(service("web", real(1, { checks, weightMin: 2, weightMax: 50 })));
  await lab.pass(1000);
  t.is(lab.servers.of("web", "rs1").weight, undefined);
  const says = async (...said: readonly (SaidWeight | null)[]): Promise<number | undefined> => {
    said.forEach((weight, i) => lab.weights.set(`10.0.1.1:${80 + i}`, weight));
    await lab.pass(1000);
    return lab.servers.of("web", "rs1").weight;
  };
  t.is(await says({ kind: "set", value: 20 }, { kind: "set", value: 10 }), 10);
  t.is(
    await says({ kind: "set", value: 20 }, { kind: "add", value: 5 }, { kind: "add", value: -2 }),
    23,
  );
  t.is(await says({ kind: "set", value: 0 }, null, null), 2);
  t.is(await says(null, { kind: "add", value: 100 }), 50);
  t.is(await says(null, null, null), undefined);
  t.true(lab.weightChanges() >= 5);
});

type Lab = {
  readonly servers: Servers;
  readonly configure: (...services: readonly VirtualServerConfig[]) => void;
  readonly pass: (ms: number) => Promise<void>;
  readonly sick: Set<string>;
  readonly weights: Map<string, SaidWeight | null>;
  /** Since it was asked before. */
  readonly probed: () => readonly string[];
  readonly told: () => readonly string[];
  /** Also of the verdicts. */
  readonly phases: () => readonly string[];
  readonly weightChanges: () => number;
};

function rig(): Lab {
  const { clock, advance } = virtualClock();
  const sick = new Set<string>();
  const weights = new Map<string, SaidWeight | null>();
  const probes: string[] = [];
  const verdicts: string[] = [];
  const phases: string[] = [];
  let configured = false;
  let weightChanges = 0;
  const servers = openServers({
    clock,
    async probe(target, config): Promise<ProbeResult> {
      const place = `${target.address}:${config.port ?? target.port}`;
      probes.push(place);
      if (sick.has(place)) return { ok: false, cause: "wrong_status", detail: "500", tookMs: 1 };
      const weight = weights.get(place) ?? null;
      return { ok: true, detail: "200", tookMs: 1, ...(weight !== null && { weight }) };
    },
    onVerdict({ virtualServer, realServer, up, cause, phase }) {
      const to = up ? "UP" : "DOWN";
      phases.push(`${realServer} ${to} ${phase}`);
      verdicts.push(`${virtualServer} ${realServer} ${to} ${cause.split(":")[0]}`);
    },
    onWeight() {
      weightChanges += 1;
    },
    random: () => 0,
  });
  return {
    servers,
    configure(...services) {
      const phase = configured ? "reloading" : "starting";
      configured = true;
      servers.configure(services, { phase, isServing: () => false, isSuspended: () => false });
    },
    async pass(ms) {
      for (let passedMs = 0; passedMs < ms; passedMs += 100) {
        advance(100);
        // A probe's result passes through promises only: all are settled when the loop turned once.
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    sick,
    weights,
    probed: () => probes.splice(0),
    told: () => verdicts.splice(0),
    phases: () => phases.splice(0),
    weightChanges: () => weightChanges,
  };
}

function service(name: string, ...realServers: readonly RealServerConfig[]): VirtualServerConfig {
  return virtualServerConfig({ name, realServers });
}

function real(octet: number, different: Partial<RealServerConfig> = {}): RealServerConfig {
  return realServerConfig(`rs${octet}`, `10.0.1.${octet}`, { checks: [check], ...different });
}
