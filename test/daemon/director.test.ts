import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { ProbeResult, Target } from "../../src/check/model.ts";
import type { CheckConfig } from "../../src/check/types/index.ts";
import type {
  Config,
  RealServerConfig,
  VirtualServerConfig,
  VrrpInstanceConfig,
} from "../../src/config/model.ts";
import type { Event } from "../../src/control/events.ts";
import type { VirtualServerStatus } from "../../src/control/status.ts";
import { openDirector } from "../../src/daemon/director/director.ts";
import type { RoleBody } from "../../src/daemon/process/role.ts";
import { judgeForwarding } from "../../src/director/forwarding.ts";
import type { Destination, Service } from "../../src/ipvs/model.ts";
import type { Log } from "../../src/lib/log.ts";
import type { ServiceNow } from "../../src/track/services.ts";
import { commonCheck } from "../helpers/checks.ts";
import { configWith, instanceConfig } from "../helpers/desk-fixtures.ts";
import { modelNftables } from "../helpers/model-nftables.ts";
import { until } from "../helpers/until.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { realServerConfig, virtualServerConfig } from "../helpers/virtual-server.ts";
import { type KernelModel, kernelModel } from "../ipvs/kernel-model.ts";

const key = { kind: "address", protocol: "tcp", address: "10.0.0.1", port: 80 } as const;
/** After a probe that fails for the first time, which is no verdict. */
const LOOK_MS = 250;
const sorry: Destination = { address: "127.0.0.1", port: 8080, forward: "NAT", weight: 1 };

test("a real server joins the table by its first success and leaves it by a failure", async (t) => {
  const lab = rig(t);
  lab.configure(virtualServer(real(1), real(2)));
  t.deepEqual(lab.places(), []);
  await lab.probed(1, 2);
  t.deepEqual(lab.places(), ["10.0.1.1 w1", "10.0.1.2 w1"]);
  lab.sick.add("10.0.1.2");
  await lab.probed(1, 2);
  t.deepEqual(lab.places(), ["10.0.1.1 w1"]);
  t.deepEqual(lab.told(), [
    "real_server rs1 UP ok: success (200)",
    "real_server rs2 UP ok: success (200)",
    "quorum UP live weight 2, quorum 1",
    "real_server rs2 DOWN ok: wrong_status (500)",
  ]);
});

test("verdicts of one turn are one change of the table", async (t) => {
  const lab = rig(t);
  lab.configure(virtualServer(real(1), real(2)));
  const { batches } = lab;
  const before = batches.length;
  await lab.probed(1, 2);
  t.deepEqual(batches.slice(before), [2]);
});

test("a real server that the run before left in the table stays, until a probe says no", async (t) => {
  const left = { key, scheduler: "rr", persistence: null, destinations: [place(1), place(2, 0)] };
  const lab = rig(t, [left]);
  lab.configure(virtualServer(real(1), real(2)));
  t.deepEqual(lab.places(), ["10.0.1.1 w1"]);
  t.deepEqual(
    lab.kernel.log.filter((line) => line.startsWith("add")),
    [],
  );
  lab.sick.add("10.0.1.1");
  await lab.probed(1, 2);
  t.deepEqual(lab.places(), ["10.0.1.2 w1"]);
});

test("the sorry server serves while the quorum is lost; a loss at start is told when the probes ended", async (t) => {
  const lab = rig(t);
  lab.sick.add("10.0.1.1");
  lab.configure({ ...virtualServer(real(1)), sorryServer: sorry });
  t.deepEqual(lab.places(), ["127.0.0.1 w1"]);
  t.deepEqual(lab.told(), []);
  await lab.probed(1);
  lab.advance(1000);
  t.deepEqual(lab.told(), ["quorum DOWN live weight 0, quorum 1"]);
  t.true(lab.status().sorry_server_active);
  lab.sick.clear();
  await lab.probed(1);
  t.deepEqual(lab.places(), ["10.0.1.1 w1"]);
  t.deepEqual(lab.told().slice(1), [
    "real_server rs1 UP ok: success (200)",
    "quorum UP live weight 1, quorum 1",
  ]);
});

test("elections that track it are told what it can serve: by quorum, not by the sorry server, and not without ip_vs", async (t) => {
  const lab = rig(t);
  const config = { ...virtualServer(real(1), real(2)), sorryServer: sorry };
  lab.configure(config);
  t.deepEqual(lab.served(), [], "nobody tracks it");
  lab.track("web");
  lab.configure(config);
  const undecided =
    "its checks have not answered yet: live weight 0, quorum 1; the sorry server serves";
  t.deepEqual(lab.served(), [`web null ${undecided}`]);
  await lab.probed(1, 2);
  t.deepEqual(lab.served().slice(-1), ["web true live weight 2, quorum 1"]);
  lab.sick.add("10.0.1.1").add("10.0.1.2");
  await lab.probed(1, 2);
  const lost = "web false it has no quorum: live weight 0, quorum 1; the sorry server serves";
  t.deepEqual(lab.served().slice(-1), [lost]);
  lab.kernel.broken.error = new Error("no ip_vs");
  lab.configure(config);
  t.deepEqual(lab.served().slice(-1), ["web false no ip_vs"]);
  const before = lab.served().length;
  lab.advance(5000);
  t.is(lab.served().length, before, "what has not changed is not told again");
  lab.kernel.broken.error = undefined;
  lab.sick.clear();
  await until("ip_vs is asked again", () => {
    lab.advance(1000);
    return lab.served().at(-1) === "web true live weight 2, quorum 1";
  });
  t.pass();
});

test("a real server that the kernel refuses is no service that cannot serve", async (t) => {
  const lab = rig(t);
  lab.track("web");
  lab.configure(virtualServer(real(1), real(2)));
  await lab.probed(1, 2);
  lab.kernel.refused.set("10.0.1.3:80", "ENOMEM");
  lab.configure(virtualServer(real(1), real(2), real(3)));
  await lab.probed(1, 2, 3);
  t.not(lab.status().error, null);
  t.deepEqual(lab.served().slice(-1), ["web true live weight 3, quorum 1"]);
});

test("a file in maintenance_dir leaves the real server in the table with weight 0, and both ends are told", async (t) => {
  const lab = rig(t);
  lab.configure(virtualServer(real(1), real(2)));
  await lab.probed(1, 2);
  const before = lab.told().length;
  const directory = maintenanceDirectory(t, "10.0.1.2");
  await lab.body.configure(maintained(directory, virtualServer(real(1), real(2))));
  t.deepEqual(lab.places(), ["10.0.1.1 w1", "10.0.1.2 w0"]);
  const cause = "maintenance_dir has 10.0.1.2 of root";
  t.like(lab.status().real_servers[1], { state: "MAINT", cause, effective_weight: 0 });
  await lab.probed(1, 2);
  lab.sick.add("10.0.1.2");
  await lab.probed(1, 2);
  t.deepEqual(lab.places(), ["10.0.1.1 w1"], "persistent clients go elsewhere");
  t.is(lab.status().real_servers[1]?.state, "MAINT");
  lab.sick.clear();
  await lab.probed(1, 2);
  rmSync(join(directory, "10.0.1.2"));
  await until("the file is gone", () => {
    lab.advance(1000);
    return lab.places().includes("10.0.1.2 w1");
  });
  t.deepEqual(lab.told().slice(before), [
    `maintenance rs2 MAINT ${cause}`,
    "real_server rs2 DOWN ok: wrong_status (500)",
    "real_server rs2 UP ok: success (200)",
    "maintenance rs2 UP maintenance_dir has 10.0.1.2 no more",
  ]);
});

for (const inhibit of [false, true]) {
  test(`a start and a reload leave what is in maintenance as the kernel has it${inhibit ? ", with inhibit_on_failure too" : ""}`, async (t) => {
    const left = { key, scheduler: "rr", persistence: null, destinations: [place(1), place(2, 0)] };
    const lab = rig(t, [left]);
    const config = virtualServer(real(1), real(2, { inhibitOnFailure: inhibit }));
    const directory = maintenanceDirectory(t, "rs2");
    await lab.body.configure(maintained(directory, config));
    await lab.probed(1, 2);
    await lab.body.configure(maintained(directory, config));
    lab.advance(2000);
    t.deepEqual(lab.kernel.log, []);
    t.deepEqual(lab.places(), ["10.0.1.1 w1", "10.0.1.2 w0"]);
    t.is(lab.status().real_servers[1]?.state, "MAINT");
  });
}

test("maintenance_remove: what is in maintenance is as what failed", async (t) => {
  const lab = rig(t);
  const config = { ...virtualServer(real(1), real(2)), maintenanceRemove: true };
  lab.configure(config);
  await lab.probed(1, 2);
  await lab.body.configure(maintained(maintenanceDirectory(t, "rs2"), config));
  t.deepEqual(lab.places(), ["10.0.1.1 w1"]);
});

test("a stop that comes while the files are looked at leaves the table alone", async (t) => {
  const lab = rig(t);
  const configured = lab.body.configure(
    maintained(maintenanceDirectory(t, "rs2"), virtualServer(real(1, { checks: [] }))),
  );
  await lab.body.stop();
  await configured;
  t.deepEqual(lab.kernel.log, []);
});

test("a reload keeps verdicts: weights change in place, checkers go on, a new server waits for its probe", async (t) => {
  const lab = rig(t);
  lab.configure(virtualServer(real(1), real(2)));
  lab.sick.add("10.0.1.2");
  await lab.probed(1, 2);
  lab.configure(virtualServer(real(1, { destination: place(1, 7) }), real(2), real(3)));
  t.deepEqual(lab.places(), ["10.0.1.1 w7"]);
  t.deepEqual(
    lab.told().filter((line) => line.includes("DOWN")),
    [],
  );
  await lab.probed(1, 2, 3);
  t.deepEqual(lab.places(), ["10.0.1.1 w7", "10.0.1.3 w1"]);
});

test("a reload that changes a check keeps the verdict; one that changes the address does not", async (t) => {
  const lab = rig(t);
  lab.configure(virtualServer(real(1), real(2)));
  await lab.probed(1, 2);
  const changed = real(1, { checks: [{ ...check, intervalMs: 7000 }] });
  lab.configure(virtualServer(changed, { ...real(2), destination: place(9) }));
  t.deepEqual(lab.places(), ["10.0.1.1 w1"]);
});

test("a reload that replaces all real servers keeps the old ones until checks have decided on the new", async (t) => {
  const lab = rig(t);
  lab.configure({ ...virtualServer(real(1), real(2)), sorryServer: sorry });
  await lab.probed(1, 2);
  const before = lab.told().length;
  lab.sick.add("10.0.1.4");
  lab.configure({ ...virtualServer(real(3), real(4)), sorryServer: sorry });
  t.deepEqual(lab.places(), ["10.0.1.1 w1", "10.0.1.2 w1"]);
  t.true(lab.status().quorum_up);
  t.false(lab.status().sorry_server_active);
  await lab.probed(3, 4);
  lab.advance(LOOK_MS);
  t.deepEqual(lab.places(), ["10.0.1.3 w1"]);
  t.deepEqual(lab.told().slice(before), ["real_server rs3 UP ok: success (200)"], "no quorum lost");
});

test("what serves goes on for one check's time at most: then it is the quorum that says what is true", async (t) => {
  const lab = rig(t);
  lab.configure(virtualServer(real(1)));
  await lab.probed(1);
  const before = lab.told().length;
  lab.silent.add("10.0.1.3");
  lab.configure(virtualServer(real(3)));
  lab.advance(check.timeoutMs);
  t.deepEqual(lab.places(), ["10.0.1.1 w1"]);
  lab.advance(2000);
  t.deepEqual(lab.places(), []);
  t.deepEqual(lab.told().slice(before), ["quorum DOWN live weight 0, quorum 1"]);
});

test("a new pool that is dead takes over as soon as that is known: the sorry server serves", async (t) => {
  const lab = rig(t);
  lab.configure({ ...virtualServer(real(1)), sorryServer: sorry });
  await lab.probed(1);
  lab.sick.add("10.0.1.3");
  lab.configure({ ...virtualServer(real(3)), sorryServer: sorry });
  await lab.probed(3);
  lab.advance(LOOK_MS);
  t.deepEqual(lab.places(), ["127.0.0.1 w1"]);
});

test("a partial replacement below the quorum keeps what serves; one that has its quorum lets go at once", async (t) => {
  for (const [quorum, expected] of [
    [1, ["10.0.1.1 w1"]],
    [2, ["10.0.1.1 w1", "10.0.1.2 w1", "10.0.1.3 w1"]],
  ] as const) {
    const lab = rig(t);
    lab.configure({ ...virtualServer(real(1), real(2), real(3)), quorum });
    await lab.probed(1, 2, 3);
    lab.configure({ ...virtualServer(real(1), real(4), real(5)), quorum });
    t.deepEqual(lab.places(), expected);
    t.true(lab.status().quorum_up);
    await lab.probed(4, 5);
    lab.advance(LOOK_MS);
    t.deepEqual(lab.places(), ["10.0.1.1 w1", "10.0.1.4 w1", "10.0.1.5 w1"]);
  }
});

test("a new port is a new server; a start with other addresses than the run before keeps what that left", async (t) => {
  const left = { key, scheduler: "rr", persistence: null, destinations: [place(1), place(9, 0)] };
  const lab = rig(t, [left]);
  lab.configure(virtualServer(real(2)));
  t.deepEqual(lab.places(), ["10.0.1.1 w1"]);
  await lab.probed(2);
  lab.advance(LOOK_MS);
  t.deepEqual(lab.places(), ["10.0.1.2 w1"]);
  lab.configure(virtualServer(real(2, { destination: { ...place(2), port: 8080 } })));
  const ports = (): readonly number[] =>
    lab.kernel.table().flatMap(({ destinations }) => destinations.map(({ port }) => port));
  t.deepEqual(ports(), [80]);
  await lab.probed(2);
  lab.advance(LOOK_MS);
  t.deepEqual(ports(), [8080]);
});

test("a check that asks another port keeps its server in service until it has failed", async (t) => {
  const lab = rig(t);
  lab.configure(virtualServer(real(1)));
  await lab.probed(1);
  lab.sick.add("10.0.1.1");
  lab.configure(virtualServer(real(1, { checks: [{ ...check, port: 81 }] })));
  t.deepEqual(lab.places(), ["10.0.1.1 w1"]);
  await lab.probed(1);
  t.deepEqual(lab.places(), []);
});

test("with rise the new ones need several successes: the old ones serve until then", async (t) => {
  const risen = { checks: [{ ...check, rise: 2, intervalMs: 1000, timeoutMs: 500 }] };
  const lab = rig(t);
  lab.configure(virtualServer(real(1)));
  await lab.probed(1);
  lab.configure(virtualServer(real(2, risen)));
  await lab.probed(2);
  lab.advance(LOOK_MS);
  t.deepEqual(lab.places(), ["10.0.1.1 w1"]);
  await lab.probed(2);
  lab.advance(LOOK_MS);
  t.deepEqual(lab.places(), ["10.0.1.2 w1"]);
});

test("a reload that takes away the only failing check brings the server UP, and says why", async (t) => {
  const lab = rig(t);
  lab.sick.add("10.0.1.1");
  lab.configure(virtualServer(real(1)));
  await lab.probed(1);
  lab.configure(virtualServer(real(1, { checks: [] })));
  t.deepEqual(lab.places(), ["10.0.1.1 w1"]);
  t.true(lab.told().includes("real_server rs1 UP configuration"));
});

test("a virtual server that is no longer configured leaves the table; a stop takes the rest, an orphan nothing", async (t) => {
  const lab = rig(t);
  const other = {
    ...virtualServer(real(4, { checks: [] })),
    name: "b",
    keys: [{ ...key, port: 81 }],
  };
  lab.configure(virtualServer(real(1, { checks: [] })), other);
  t.is(lab.kernel.table().length, 2);
  lab.configure(other);
  t.is(lab.kernel.table().length, 1);
  const orphan = rig(t);
  orphan.configure(other);
  await orphan.body.orphaned();
  t.is(orphan.kernel.table().length, 1);
  t.true(readFileSync(join(orphan.runDir, "ipvs-owned.json"), "utf8").includes("tcp 10.0.0.1:81"));
  await lab.body.stop();
  t.is(lab.kernel.table().length, 0);
  t.throws(() => readFileSync(join(lab.runDir, "ipvs-owned.json")), { code: "ENOENT" });
});

test("a stop that keeps the services leaves them and what the next start adopts them by", async (t) => {
  const lab = rig(t);
  const config = configWith({ virtualServers: [virtualServer(real(1, { checks: [] }))] });
  await lab.body.configure({ ...config, lvs: { ...config.lvs, keepOnStop: true } });
  await lab.body.stop();
  t.deepEqual(lab.places(), ["10.0.1.1 w1"]);
  t.true(readFileSync(join(lab.runDir, "ipvs-owned.json"), "utf8").includes("tcp 10.0.0.1:80"));
});

test("a firewall mark that changes is served before packets get it, and until they do not", (t) => {
  const lab = rig(t);
  const mark = { address: "10.0.0.1", firstPort: 80, lastPort: 80, protocol: "tcp" } as const;
  const marked = (fwmark: number): VirtualServerConfig => ({
    ...virtualServer(real(1, { checks: [] })),
    keys: [{ kind: "fwmark", fwmark, family: 4 }],
    marks: [mark],
  });
  lab.configure(marked(99));
  lab.kernel.log.length = 0;
  lab.configure(marked(98));
  t.deepEqual(lab.kernel.log, [
    "add fwmark 98",
    "add 10.0.1.1:80 to fwmark 98",
    "make duet_ipvs",
    "remove fwmark 99",
  ]);
  t.deepEqual(lab.status().marks, ["10.0.0.1:80 tcp"]);
});

test("the status has verdicts, checks and the kernel's counts and weights", async (t) => {
  const lab = rig(t);
  lab.configure(virtualServer(real(1), { ...real(2), inhibitOnFailure: true }));
  lab.sick.add("10.0.1.2");
  await lab.probed(1, 2);
  const status = lab.status();
  t.like(status, { name: "web", address: "10.0.0.1:80", lb_kind: "NAT", quorum_up: true, error: null });
  t.like(status.real_servers[0], {
    name: "rs1",
    address: "10.0.1.1:80",
    effective_weight: 1,
    state: "UP",
    active_connections: 3,
    inactive_connections: 4,
  });
  t.like(status.real_servers[1], { weight: 1, effective_weight: 0, state: "DOWN" });
  t.like(status.real_servers[1]?.checks[0], { name: "ok", type: "tcp", state: "DOWN", last_ok: false, last_detail: "500" });
}); // biome-ignore format: a row a line

test("without ip_vs the checks go on and the status says what is missing", async (t) => {
  const lab = rig(t);
  const error = "the kernel has no ip_vs (module ip_vs cannot be loaded)";
  lab.kernel.broken.error = new Error(error);
  lab.configure(virtualServer(real(1)));
  await lab.probed(1);
  t.like(lab.status(), { error, quorum_up: true });
  t.like(lab.status().real_servers[0], { state: "UP", effective_weight: 0 });
  lab.kernel.broken.error = undefined;
  lab.advance(5000);
  t.deepEqual(lab.places(), ["10.0.1.1 w1"]);
  t.is(lab.status().error, null);
});

test("with ha_suspend the checks rest while the address is away, verdicts stay, and a first look is hopeful", async (t) => {
  const lab = rig(t);
  const suspended = { ...virtualServer(real(1), real(2)), haSuspend: true };
  lab.sick.add("10.0.1.2");
  lab.configure(suspended);
  t.deepEqual(
    lab.places(),
    ["10.0.1.1 w1", "10.0.1.2 w1"],
    "nobody was probed: better too many than none",
  );
  lab.advance(20_000);
  t.is(lab.probes(), 0);
  t.true(lab.status().suspended);
  lab.haveAddresses("10.0.0.1");
  await lab.probed(1, 2);
  t.deepEqual(lab.places(), ["10.0.1.1 w1"]);
  lab.haveAddresses();
  const before = lab.probes();
  lab.sick.clear();
  lab.advance(20_000);
  t.is(lab.probes(), before);
  t.deepEqual(lab.places(), ["10.0.1.1 w1"]);
  lab.haveAddresses("10.0.0.1");
  await lab.probed(1, 2);
  t.deepEqual(lab.places(), ["10.0.1.1 w1", "10.0.1.2 w1"]);
});

test("ha_suspend works for a group: one of its addresses is enough", async (t) => {
  const lab = rig(t);
  const keys = [key, { ...key, address: "10.0.0.2" }];
  lab.configure({ ...virtualServer(real(1)), keys, group: "g", haSuspend: true });
  t.true(lab.status().suspended);
  lab.haveAddresses("10.0.0.2");
  t.false(lab.status().suspended);
  await lab.probed(1);
  t.true(lab.probes() > 0);
  t.deepEqual(lab.status().services, ["tcp 10.0.0.1:80", "tcp 10.0.0.2:80"]);
});

test("alpha = no has a real server UP until a probe says no", async (t) => {
  const lab = rig(t);
  lab.sick.add("10.0.1.1");
  lab.configure(virtualServer(real(1, { alpha: false })));
  t.deepEqual(lab.places(), ["10.0.1.1 w1"]);
  await lab.probed(1);
  t.deepEqual(lab.places(), []);
});

test("omega tells at a stop that all went DOWN", async (t) => {
  const lab = rig(t);
  lab.configure({ ...virtualServer(real(1)), omega: true });
  await lab.probed(1);
  lab.told();
  const before = lab.told().length;
  await lab.body.stop();
  t.deepEqual(lab.told().slice(before), ["real_server rs1 DOWN shutdown", "quorum DOWN shutdown"]);
});

test("NAT that cannot be forwarded is refused with its reason, and is there when it can", (t) => {
  const lab = rig(t);
  lab.forwardingProblem.text = "NAT needs net.ipv4.ip_forward = 1";
  lab.configure(virtualServer(real(1, { checks: [] })));
  t.is(lab.status().error, "NAT needs net.ipv4.ip_forward = 1");
  t.deepEqual(lab.kernel.table(), []);
  lab.forwardingProblem.text = null;
  lab.advance(1000);
  t.is(lab.status().error, null);
  t.deepEqual(lab.places(), ["10.0.1.1 w1"]);
});

test("judgeForwarding() is about destinations elsewhere, and sets no IPv6", (t) => {
  const own = (): ReadonlySet<string> => new Set(["10.0.1.1"]);
  const far = virtualServer(real(2));
  const near = { ...virtualServer(real(1)), sorryServer: sorry };
  const inet6 = virtualServer(real(3, { destination: { ...place(3), address: "2001:db8::3" } }));
  const off = judgeForwarding(false, () => "0", own);
  const problemOf = (forwarding: typeof off, config: VirtualServerConfig): string | undefined =>
    forwarding.problemsOf([config]).get("web");
  t.regex(problemOf(off, far) ?? "", /ip_forward = 1, which is off and lvs_ip_forward = no/);
  t.is(problemOf(off, near), undefined);
  t.regex(problemOf(off, inet6) ?? "", /ipv6.conf.all.forwarding = 1, which is off/);
  t.is(
    problemOf(
      judgeForwarding(true, () => "0", own),
      far,
    ),
    undefined,
  );
  t.is(
    problemOf(
      judgeForwarding(false, () => "1", own),
      inet6,
    ),
    undefined,
  );
  t.deepEqual(
    [far, near, inet6].map((each) => off.isNeeded([each])),
    [true, false, false],
  );
});

test("a DR real server behind a router is told, once, and in the status as it is now", (t) => {
  const lab = rig(t);
  const routed = (octet: number, forward: Destination["forward"]): RealServerConfig =>
    real(octet, { destination: { ...place(octet), forward } });
  for (const octet of [2, 3, 4]) lab.routers.set(`10.0.1.${octet}`, "10.0.0.254");
  const servers = [routed(1, "DR"), routed(2, "DR"), routed(3, "NAT"), routed(4, "TUN")];
  lab.configure(virtualServer(...servers));
  lab.configure(virtualServer(...servers));
  t.deepEqual(
    lab.warnings.map((line) => JSON.stringify(line).includes('"real_server":"rs2"')),
    [true],
  );
  t.like(lab.warnings[0], { virtual_server: "web", text: "real server out of reach" });
  const warnings = () => lab.status().real_servers.map(({ warning }) => warning ?? "");
  t.regex(warnings()[1] ?? "", /^DR needs 10\.0\.1\.2 .* router 10\.0\.0\.254/);
  t.deepEqual(
    [0, 2, 3].map((i) => warnings()[i]),
    ["", "", ""],
  );
  lab.routers.clear();
  t.deepEqual(warnings(), ["", "", "", ""]);
});

type Lab = {
  readonly probes: () => number;
  readonly haveAddresses: (...addresses: readonly string[]) => void;
  readonly forwardingProblem: { text: string | null };
  readonly body: RoleBody;
  readonly kernel: KernelModel;
  readonly runDir: string;
  /** Addresses whose probes fail. */
  /** Their probes do not end. */
  readonly silent: Set<string>;
  readonly sick: Set<string>;
  /** Operations in each batch that the kernel got. */
  readonly batches: number[];
  readonly configure: (...virtualServers: readonly VirtualServerConfig[]) => void;
  readonly advance: (ms: number) => void;
  /** Waits until each of these was probed once more and what follows is done. */
  readonly probed: (...octets: readonly number[]) => Promise<void>;
  readonly places: () => readonly string[];
  readonly told: () => readonly string[];
  readonly status: () => VirtualServerStatus;
  /** From the next configuration on, an instance tracks it. */
  readonly track: (name: string) => void;
  /** What elections were told, in order. */
  readonly served: () => readonly string[];
  /** On the way to an address. */
  readonly routers: Map<string, string>;
  readonly warnings: object[];
};

function rig(t: ExecutionContext, initial: readonly Service[] = []): Lab {
  const runDir = mkdtempSync(join(tmpdir(), "duet-director-"));
  t.teardown(() => rmSync(runDir, { recursive: true }));
  const { clock, advance } = virtualClock();
  const kernel = kernelModel(initial);
  const sick = new Set<string>();
  const silent = new Set<string>();
  const events: Event[] = [];
  const batches: number[] = [];
  const served: ServiceNow[] = [];
  let vrrpInstances: readonly VrrpInstanceConfig[] = [];
  const probes = new Map<string, number>();
  let ask: () => unknown = () => undefined;
  const quiet = (): void => {};
  const warnings: Lab["warnings"] = [];
  const warn = (fields: object, text: string): void => void warnings.push({ ...fields, text });
  const log = { debug: quiet, info: quiet, warn, error: quiet } as unknown as Log;

  const forwardingProblem: Lab["forwardingProblem"] = { text: null };
  const routers: Lab["routers"] = new Map();
  let addresses: readonly string[] = [];
  let addressesChanged = quiet;
  const body = openDirector({
    forwarding: () => ({
      problemsOf: (configs) =>
        new Map(
          forwardingProblem.text === null
            ? []
            : configs.map(({ name }) => [name, forwardingProblem.text ?? ""]),
        ),
      isNeeded: () => false,
    }),
    addresses(onChange) {
      addressesChanged = onChange;
      return { addresses: () => addresses.map((address) => ({ address })), close: quiet };
    },
    askWay: (address) => routers.get(address) ?? null,
    context: {
      log,
      runDir,
      started: { wallMs: 0, uptimeMs: 0 },
      file: { file: "", how: {}, half: null },
      tell(message) {
        if (message.type === "services") served.push(...message.services);
      },
    },
    clock,
    random: () => 0,
    nftables: modelNftables(kernel.log).open,
    open: () => ({
      ...kernel,
      apply(operations) {
        batches.push(operations.length);
        return kernel.apply(operations);
      },
    }),
    async probe({ address }: Target): Promise<ProbeResult> {
      probes.set(address, (probes.get(address) ?? 0) + 1);
      if (silent.has(address)) return new Promise(() => {});
      if (!sick.has(address)) return { ok: true, detail: "200", tookMs: 1 };
      return { ok: false, cause: "wrong_status", detail: "500", tookMs: 1 };
    },
    openBus(options) {
      ask = options.status;
      return {
        tell: (event) => void events.push(event),
        tellSessions: quiet,
        flush: async () => {},
        close: quiet,
      };
    },
  });

  t.teardown(async () => body.orphaned());

  async function probed(...octets: readonly number[]): Promise<void> {
    const before = new Map(probes);
    const isDone = (octet: number): boolean =>
      (probes.get(`10.0.1.${octet}`) ?? 0) > (before.get(`10.0.1.${octet}`) ?? 0);
    for (let waitedMs = 0; !octets.every(isDone); waitedMs += 100) {
      if (waitedMs > 2 * check.intervalMs) throw new Error("The probes did not run");
      advance(100);
      // A probe's result passes through promises only: all are settled when the loop turned once.
      await new Promise((resolve) => setImmediate(resolve));
    }
    advance(0);
  }

  return {
    probes: () => [...probes.values()].reduce((sum, count) => sum + count, 0),
    haveAddresses(...next) {
      addresses = next;
      addressesChanged();
      advance(0);
    },
    forwardingProblem,
    routers,
    warnings,
    body,
    kernel,
    runDir,
    sick,
    silent,
    batches,
    configure: (...virtualServers) =>
      void body.configure(configWith({ virtualServers, vrrpInstances })),
    track(name) {
      const uses = [{ kind: "virtual_server", name, weight: -60, reverse: false }] as const;
      const tracking = { uses, dontTrackPrimary: false, bfdPromote: null };
      vrrpInstances = [{ ...instanceConfig("VI_1"), tracking }];
    },
    served: () => served.map(({ name, up, detail }) => `${name} ${up} ${detail}`),
    advance,
    probed,
    places: () =>
      kernel
        .table()
        .flatMap(({ destinations }) => destinations)
        .map(({ address, weight }) => `${address} w${weight}`)
        .sort(),
    told: () => events.filter(({ kind }) => kind !== "degraded").map(eventText),
    status() {
      const { virtual_servers } = ask() as { virtual_servers: readonly VirtualServerStatus[] };
      const [first] = virtual_servers;
      if (first === undefined) throw new Error("no virtual server in the status");
      return first;
    },
  };
}

const check: CheckConfig = {
  ...commonCheck,
  name: "ok",
  type: "tcp",
  intervalMs: 6000,
  timeoutMs: 3000,
  tls: null,
  steps: [],
};

function virtualServer(...realServers: readonly RealServerConfig[]): VirtualServerConfig {
  return virtualServerConfig({ keys: [key], realServers });
}

function real(octet: number, different: Partial<RealServerConfig> = {}): RealServerConfig {
  return realServerConfig(`rs${octet}`, `10.0.1.${octet}`, { checks: [check], ...different });
}

function place(octet: number, weight = 1): Destination {
  return { address: `10.0.1.${octet}`, port: 80, forward: "NAT", weight };
}

function maintenanceDirectory(t: ExecutionContext, ...files: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), "duet-maintenance-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  for (const file of files) writeFileSync(join(directory, file), "");
  return directory;
}

function maintained(directory: string, ...virtualServers: readonly VirtualServerConfig[]): Config {
  const { global, ...rest } = configWith({ virtualServers });
  return { ...rest, global: { ...global, maintenanceDirectory: directory } };
}

function eventText(event: Event): string {
  if (event.kind === "real_server_state") {
    return `real_server ${event.real_server} ${event.to} ${event.cause}`;
  }
  if (event.kind === "maintenance") {
    return `maintenance ${event.real_server} ${event.to} ${event.cause}`;
  }
  return event.kind === "quorum" ? `quorum ${event.to} ${event.cause}` : event.kind;
}
