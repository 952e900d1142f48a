// What a master holds beside its addresses: excluded addresses, routes, rules, settings; and what the node holds.

import { readFileSync, writeFileSync } from "node:fs";
import test from "ava";
import { HERE, instanceText, openPair } from "../helpers/daemon-pair.ts";
import { holds, wallMs } from "../helpers/daemon-place.ts";
import { killAtOnce, killQuietly, startDuet } from "../helpers/duet.ts";
import { openMetronome } from "../helpers/metronome.ts";
import { eventually } from "../helpers/wait.ts";

const { here } = await openPair(test);
const metronome = openMetronome(test);
const PROMOTE = `/proc/sys/net/ipv4/conf/${HERE.device}/promote_secondaries`;
const EXCLUDED = "10.9.1.1";

function routes(table: number | string): string {
  return here.run(`ip route show table ${table}`);
}

function rules(): string {
  return here.run("ip rule show");
}

function textFor(vrid: number): string {
  return instanceText({
    vrid,
    priority: 100,
    vips: [`10.9.0.${100 + vrid}/24`],
    more: [
      `virtual_ipaddress_excluded[] = ${EXCLUDED}/32`,
      `virtual_routes[] = 192.168.7.0/24 via 10.9.0.2 dev ${HERE.device} src ${EXCLUDED} metric 7`,
      `virtual_routes[] = default via 10.9.0.2 dev ${HERE.device} table 77`,
      "virtual_routes[] = blackhole 192.168.8.0/24",
      `virtual_rules[] = from ${EXCLUDED}/32 lookup 77 priority 700`,
      "virtual_rules[] = fwmark 0x7/0xf lookup 77",
      "promote_secondaries = yes",
    ],
  });
}

type Seen = { readonly address: boolean; readonly routes: number; readonly rules: number };

function seen(): Seen {
  const all = routes("main") + (rules().includes("lookup 77") ? routes(77) : "");
  return {
    address: holds(here, EXCLUDED),
    routes: all.match(/192\.168\.[78]\.|default via/g)?.length ?? 0,
    rules: rules().match(/lookup 77/g)?.length ?? 0,
  };
}

const ALL: Seen = { address: true, routes: 3, rules: 2 };
const NONE: Seen = { address: false, routes: 0, rules: 0 };

function isLike(wanted: Seen): boolean {
  return JSON.stringify(seen()) === JSON.stringify(wanted);
}

test.serial("a MASTER has all of it, and a clean stop takes all of it off", async (t) => {
  const before = readFileSync(PROMOTE, "utf8");
  const duet = await startDuet(t, textFor(1));
  await duet.becomes("MASTER");
  t.deepEqual(seen(), ALL);
  t.regex(
    routes("main"),
    /192\.168\.7\.0\/24 via 10\.9\.0\.2 dev here0 proto 215 src 10\.9\.1\.1 metric 7/,
  );
  t.regex(rules(), /700:\s+from 10\.9\.1\.1 lookup 77/);
  t.regex(rules(), /16384:\s+from all fwmark 0x7\/0xf lookup 77/);
  t.is(readFileSync(PROMOTE, "utf8"), "1\n");
  duet.signal("SIGTERM");
  t.is(await duet.ended, 0);
  t.deepEqual(seen(), NONE);
  t.is(readFileSync(PROMOTE, "utf8"), before);
});

test.serial("a route or rule that somebody removes is put back and told", async (t) => {
  const duet = await startDuet(t, textFor(2));
  await duet.becomes("MASTER");
  here.run("ip route del 192.168.7.0/24 metric 7");
  here.run("ip rule del priority 700");
  const removedMs = wallMs();
  await eventually("back", () => isLike(ALL));
  t.log(`back after less than ${(wallMs() - removedMs).toFixed(0)} ms`);
  const route = await duet.said({ msg: "virtual route was removed by somebody, put back" });
  t.regex(String(route["route"]), /^192\.168\.7\.0\/24 via/);
  await duet.said({ msg: "virtual rule was removed by somebody, put back" });
  here.run(`ip address del ${EXCLUDED}/32 dev ${HERE.device}`);
  await eventually("the address, and the route whose source it is", () => isLike(ALL));
  t.is((await duet.instance()).counters.became_master, 1, "no transition");
});

test.serial("SIGKILL of vrrp: the last will takes all of it off, within 100 ms", async (t) => {
  const duet = await startDuet(t, textFor(3));
  await duet.becomes("MASTER");
  const pid = await duet.pidOf("vrrp");
  const killedMs = wallMs();
  killQuietly(pid, "SIGKILL");
  const will = await duet.said({ msg: "last will of the vrrp role carried out" });
  const tookMs = (Date.parse(String(will["time"])) || Number(will["time"])) - killedMs;
  t.log(`after ${tookMs.toFixed(0)} ms`);
  t.true(tookMs < 100 + (await metronome.lostMs(killedMs, killedMs + tookMs)));
  t.deepEqual(will["failures"], []);
  t.is((will["removed"] as unknown[]).length, 2 + 3 + 2);
  await duet.becomes("MASTER");
  t.deepEqual(seen(), ALL);
});

test.serial("SIGKILL of everything: the next start removes what is left", async (t) => {
  writeFileSync(PROMOTE, "0\n");
  const duet = await startDuet(t, textFor(4));
  await duet.becomes("MASTER");
  killAtOnce(duet);
  await duet.ended;
  t.is(seen().rules, 2, "nobody was left to take them off");
  const bare = instanceText({
    vrid: 4,
    priority: 100,
    vips: ["10.9.0.104/32"],
    more: ["preempt_delay = 100"],
  });
  const again = await startDuet(t, bare, { runDir: duet.runDir });
  await again.said({ msg: "virtual rule of an earlier run removed" });
  await again.said({ msg: "state changed" });
  t.deepEqual(seen(), NONE);
  await again.said({ msg: "setting of an earlier run restored" });
  t.is(readFileSync(PROMOTE, "utf8"), "0\n");
});

test.serial(
  "static things are there without an instance, put back, and gone after a stop",
  async (t) => {
    const text = `[global]
static_ipaddress[] = ${EXCLUDED}/32 dev ${HERE.device}
static_routes[] = 192.168.7.0/24 via 10.9.0.2 dev ${HERE.device}
static_rules[] = from ${EXCLUDED} lookup 77 priority 700
`;
    const duet = await startDuet(t, text);
    const wanted: Seen = { address: true, routes: 1, rules: 1 };
    await eventually("there", () => isLike(wanted));
    here.run(`ip address del ${EXCLUDED}/32 dev ${HERE.device}`);
    here.run("ip route del 192.168.7.0/24");
    await eventually("back", () => isLike(wanted));
    await duet.said({ msg: "static address was removed by somebody, put back" });
    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
    t.deepEqual(seen(), NONE);
  },
);

test.serial("a no_track address that somebody removes is left off", async (t) => {
  const vips = ["10.9.0.106/24", "10.9.0.107/24 no_track"];
  const duet = await startDuet(t, instanceText({ vrid: 6, priority: 100, vips }));
  await duet.becomes("MASTER");
  here.run(`ip address del 10.9.0.107/24 dev ${HERE.device}`);
  await duet.said({ msg: "virtual address was removed by somebody, left off" });
  t.false(holds(here, "10.9.0.107"));
  t.true(holds(here, "10.9.0.106"));
});

test.serial(
  "a static address that changed while nothing ran is as it is written now, and the same one goes on",
  async (t) => {
    const text = (words: string, length = "/32"): string =>
      `[global]\nstatic_ipaddress[] = ${EXCLUDED}${length} dev ${HERE.device} ${words}\n`;
    const shown = (): string => here.run(`ip -o -4 address show to ${EXCLUDED}`);
    const duet = await startDuet(t, text("label here0:a"));
    await eventually("there", () => / global here0:a/.test(shown()));
    let last = duet;
    for (const [words, pattern] of [
      ["label here0:b", / global here0:b/],
      ["label here0:b scope link", / link here0:b/],
      ["brd 10.9.0.255", / brd 10\.9\.0\.255 .* global here0\\/],
      ["peer 10.9.7.1/32", / peer 10\.9\.7\.1\/32 .* global here0\\/],
      ["", /inet \S+\/32 scope global here0\\/],
    ] as const) {
      killAtOnce(last);
      await last.ended;
      last = await startDuet(t, text(words, words.startsWith("peer") ? "" : "/32"), {
        runDir: duet.runDir,
      });
      await eventually(words, () => pattern.test(shown()));
      t.is(shown().trim().split("\n").length, 1, shown());
    }
    killAtOnce(last);
    await last.ended;
    const same = await startDuet(t, text(""), { runDir: duet.runDir });
    same.signal("SIGTERM");
    t.is(await same.ended, 0);
    t.is(shown(), "");
    t.false(same.lines().some(({ msg }) => String(msg).includes("of an earlier run")));
  },
);

test.serial(
  "a static route or rule that changed while nothing ran leaves nothing of the old one",
  async (t) => {
    const text = (via: string, table: number): string => `[global]
static_routes[] = 192.168.7.0/24 via ${via} dev ${HERE.device}
static_rules[] = from 10.9.0.1 lookup ${table} priority 700
`;
    const shown = (): string => here.run("ip route show proto 215") + rules();
    const duet = await startDuet(t, text("10.9.0.2", 77));
    await eventually("there", () => /via 10\.9\.0\.2 [^]*lookup 77/.test(shown()));
    killAtOnce(duet);
    await duet.ended;
    const next = await startDuet(t, text("10.9.0.3", 78), { runDir: duet.runDir });
    await eventually("the new ones", () => /via 10\.9\.0\.3 [^]*lookup 78/.test(shown()));
    t.notRegex(shown(), /via 10\.9\.0\.2|lookup 77/);
    killAtOnce(next);
    await next.ended;
    const same = await startDuet(t, text("10.9.0.3", 78), { runDir: duet.runDir });
    await eventually("the same ones", () => /via 10\.9\.0\.3 [^]*lookup 78/.test(shown()));
    same.signal("SIGTERM");
    t.is(await same.ended, 0);
    t.notRegex(shown(), /via 10\.9\.0\.|lookup 7[78]/);
    t.false(same.lines().some(({ msg }) => String(msg).includes("of an earlier run")));
  },
);
