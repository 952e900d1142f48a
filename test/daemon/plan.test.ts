// What a plan says of a whole configuration, without a daemon and without a kernel.

import test from "ava";
import { planLines } from "../../src/cli/plan.ts";
import type { Config } from "../../src/config/model.ts";
import type { Plan } from "../../src/control/plan.ts";
import type { DirectorFacts } from "../../src/daemon/director/plan.ts";
import { planFrom } from "../../src/daemon/plan/plan.ts";
import { NO_FACTS } from "../../src/daemon/plan/services.ts";
import type { ListedDestination } from "../../src/ipvs/model.ts";
import { commonCheck } from "../helpers/checks.ts";
import { configWith, instanceConfig, masterInstance } from "../helpers/desk-fixtures.ts";
import { realServerConfig, virtualServerConfig, WEB_KEY } from "../helpers/virtual-server.ts";
import { vip } from "./vrrp-reload-configs.ts";

const around = { isOut: () => false, isSuspended: () => false, refused: new Map() };

function planOf(
  before: Config,
  after: Config,
  told: { vrrp?: unknown; director?: unknown } = {},
): Plan {
  const running = {
    file: "",
    how: {},
    half: null,
    config: before,
    vrrp: null,
    director: null,
    ...told,
  };
  return planFrom(running, after, around);
}

function textOf(plan: Plan): string {
  return [...planLines(plan, "new.ini")].join("");
}

const listed = (octet: number, weight: number): ListedDestination => ({
  address: `10.0.1.${octet}`,
  port: 80,
  forward: "NAT",
  weight,
  activeConnections: 7,
  inactiveConnections: 0,
  persistentConnections: 0,
});

const facts: DirectorFacts = {
  ...NO_FACTS,
  quorums: [["web", true]],
  table: [
    {
      key: WEB_KEY,
      scheduler: "rr",
      persistence: null,
      destinations: [listed(1, 1), listed(2, 1)],
    },
  ],
  known: { believed: null, owned: ["tcp 10.0.0.1:80"], refused: [] },
};

test("a virtual server: weights, a server that goes, one that has to be checked first", (t) => {
  const [one, two, three] = [1, 2, 3].map((n) => realServerConfig(`rs${n}`, `10.0.1.${n}`));
  if (one === undefined || two === undefined || three === undefined) throw new Error("three");
  const heavier = { ...one, destination: { ...one.destination, weight: 3 } };
  const check = { ...commonCheck, name: "ok", type: "tcp", tls: null, steps: [] } as const;
  const plan = planOf(
    configWith({ virtualServers: [virtualServerConfig({ realServers: [one, two] })] }),
    configWith({
      virtualServers: [
        virtualServerConfig({
          scheduler: "wrr",
          realServers: [heavier, { ...three, checks: [check] }],
        }),
      ],
    }),
    { director: facts },
  );
  t.is(
    textOf(plan),
    `[check.ok]
  connections kept     added
web
  connections kept     lb_algo rr -> wrr
  connections kept     the service goes on otherwise (IPVS: set tcp 10.0.0.1:80: scheduler rr -> wrr)
web/rs1
  connections kept     weight 1 -> 3
  connections kept     weight 1 -> 3 in the table (IPVS: set 10.0.1.1:80 of tcp 10.0.0.1:80: weight 1 -> 3)
web/rs3
  connections kept     added
  connections kept     it is DOWN until its checks have succeeded (ok)
web/rs2
  connections kept     removed
  connections cut      it leaves the table (7 active connections now) (IPVS: remove 10.0.1.2:80 from tcp 10.0.0.1:80)
A reload of new.ini: connections cut (5 sections, 3 kernel operations)
`,
  );
  t.is(plan.class, "connections_cut");
});

test("an instance that goes, a hook that changes, a key of the start, and a secret that is not told", (t) => {
  const one = instanceConfig("VI_1");
  const two = { ...instanceConfig("VI_2"), vips: [vip(9)] };
  const before = configWith({ vrrpInstances: [one, { ...two, vrrp: { ...two.vrrp, vrid: 52 } }] });
  const auth = { password: "s3cret", hmac: null };
  const after = configWith({
    vrrpInstances: [
      { ...one, vrrp: { ...one.vrrp, auth }, hooks: { ...one.hooks, notify: "/bin/true" } },
    ],
    startDelay: { startupMs: 5000, afterBootMs: 0 },
  });
  const statuses = ["VI_1", "VI_2"].map((name) => ({ ...masterInstance, name }));
  const plan = planOf(before, after, { vrrp: { vrrp_instances: statuses } });
  t.is(
    textOf(plan),
    `[global]
  from the next start  vrrp_startup_delay 0 -> 5
VI_1
  connections kept     auth_pass set
  connections kept     notify none -> /bin/true
VI_2
  connections kept     removed
  VIP moves            it is MASTER: it releases its addresses and says priority 0, and a backup takes over
  VIP moves            VIP 203.0.113.9 released (RTM_DELADDR 203.0.113.9/24 dev eth0)
A reload of new.ini: VIP moves (3 sections, 1 kernel operation); vrrp_startup_delay: from the next start
`,
  );
});

test("nothing differs: no section, class none", (t) => {
  const config = configWith({ virtualServers: [virtualServerConfig()] });
  const plan = planOf(config, structuredClone(config), {
    director: {
      ...NO_FACTS,
      table: [{ key: WEB_KEY, scheduler: "rr", persistence: null, destinations: [] }],
    },
  });
  t.deepEqual(plan, { class: "none", restart_needed: [], operations: 0, subjects: [] });
  t.is(textOf(plan), "Nothing would change: new.ini is what runs.\n");
});

test("connection sync that follows another instance, and marks, are operations too", (t) => {
  const sync = { instance: "A", interface: "eth1", syncId: 3 };
  const marked = virtualServerConfig({
    keys: [{ kind: "fwmark", fwmark: 7, family: 4 }],
    marks: [{ address: "10.0.0.7", firstPort: 80, lastPort: 80, protocol: "tcp" }],
  });
  const { lvs } = configWith();
  const plan = planOf(
    configWith({ lvs: { ...lvs, sync } }),
    configWith({ lvs: { ...lvs, sync: { ...sync, syncId: 4 } }, virtualServers: [marked] }),
    { director: { ...NO_FACTS } },
  );
  t.deepEqual(
    plan.subjects.flatMap(({ changes }) => changes.flatMap(({ operation }) => operation ?? [])),
    [
      "nftables: table duet_ipvs made",
      "IPVS: stop backup sync daemon on eth1, syncid 3",
      "IPVS: start backup sync daemon on eth1, syncid 4",
      "IPVS: add fwmark 7",
    ],
  );
});

test("one server of many that changes is all that a plan names, and its operation the only one", (t) => {
  const check = { ...commonCheck, name: "ok", type: "tcp", tls: null, steps: [] } as const;
  const servers = Array.from({ length: 200 }, (_, n) => ({
    ...realServerConfig(`rs${n + 1}`, `10.0.1.${n + 1}`),
    checks: [check],
  }));
  const changed = servers.map((each) =>
    each.name === "rs7" ? { ...each, destination: { ...each.destination, weight: 3 } } : each,
  );
  const [before, after] = [servers, changed].map((realServers) =>
    configWith({ virtualServers: [virtualServerConfig({ realServers })] }),
  );
  if (before === undefined || after === undefined) throw new Error("two");
  const table = (facts.table ?? []).map((service) => ({
    ...service,
    destinations: servers.map((_, n) => listed(n + 1, 1)),
  }));
  // A running daemon tells its configuration as JSON.
  const told = JSON.parse(JSON.stringify(before)) as Config;
  const plan = planOf(told, after, { director: { ...facts, table } });
  t.is(plan.operations, 1);
  t.deepEqual(
    plan.subjects.map(({ title }) => title),
    ["real_server.web.rs7"],
  );
});
