// Virtual IPv6 routes to places to which the machine has routes of its own, of which the kernel makes one with several hops.

import test from "ava";
import { HERE, instanceText, openPair } from "../helpers/daemon-pair.ts";
import { duetCommand, killAtOnce, startDuet } from "../helpers/duet.ts";
import { linkLocalOf } from "../helpers/netns.ts";
import { eventually } from "../helpers/wait.ts";

const { here } = await openPair(test, { ipv6: true });
await eventually("a link-local address", () => linkLocalOf(here, HERE.device) !== "");
here.run(`ip address add 2001:db8::1/64 dev ${HERE.device}`);
here.run("ip -6 route add default via 2001:db8::2 metric 5");
here.run("ip -6 route add 2001:db8:7::/64 via 2001:db8::2");

function routes(): string {
  return here.run("ip -6 route show");
}

const before = routes();
const DEFAULT = `default via 2001:db8::3 dev ${HERE.device} metric 5`;
const SOURCE = `2001:db8:7::/64 via 2001:db8::2 dev ${HERE.device} src 2001:db8:9::1`;
const config = (lines: readonly string[], advertS = 0.1): string =>
  instanceText({
    vrid: 1,
    priority: 100,
    advertS,
    vips: ["fe80::5:1/64", "2001:db8:9::1/128"],
    more: lines.map((line) => `virtual_routes[] = ${line}`),
  });

test.serial(
  "a hop of ours beside the machine's comes and goes with reloads and a stop",
  async (t) => {
    const duet = await startDuet(t, config([DEFAULT]));
    await duet.becomes("MASTER");
    await eventually("both hops", () => routes().match(/nexthop via/g)?.length === 2);
    for (const lines of [
      ["blackhole default metric 5"],
      [DEFAULT, "blackhole default metric 5"],
      [`default dev ${HERE.device} metric 5`],
      [DEFAULT],
      [],
      [DEFAULT],
    ]) {
      duet.write(config(lines));
      t.is((await duetCommand(["reload", "--run-dir", duet.runDir])).code, 0);
      t.true(routes().includes("via 2001:db8::2 dev here0"), routes());
    }
    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
    t.is(routes(), before);
  },
);

test.serial("a hop of ours beside the machine's goes when everything was killed", async (t) => {
  for (const next of ["the next start", "duet release"]) {
    const duet = await startDuet(t, config([DEFAULT]));
    await duet.becomes("MASTER");
    await eventually("both hops", () => routes().match(/nexthop via/g)?.length === 2);
    killAtOnce(duet);
    await duet.ended;
    if (next === "duet release") {
      const { code, output } = await duetCommand(["release", "--run-dir", duet.runDir]);
      t.is(code, 0);
      t.regex(output, /^removed route ::\/0 table 254$/m);
    } else {
      // It listens for long before it takes anything.
      const slow = await startDuet(t, config([], 40), { runDir: duet.runDir });
      await slow.said({ msg: "virtual route of an earlier run removed", route: "::/0 table 254" });
      killAtOnce(slow);
      await slow.ended;
    }
    t.is(routes().replaceAll(/^.* expires -?\d+sec .*\n/gm, ""), before, next);
  }
});

test.serial(
  "a route that the machine has by the same hop, without the source, is not held",
  async (t) => {
    const duet = await startDuet(t, config([SOURCE]));
    const { not_held } = await duet.becomes("MASTER");
    t.like(not_held?.[0], {
      what: SOURCE,
      cause:
        "this machine has a route to the same place with the same hop and metric: another metric keeps them apart",
    });
    here.run("ip -6 route del 2001:db8:7::/64");
    await eventually("ours", () => routes().includes("src 2001:db8:9::1"));
    await eventually("held", async () => (await duet.instance()).not_held?.length === 0);
    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
    here.run("ip -6 route add 2001:db8:7::/64 via 2001:db8::2");
    t.is(routes(), before);
  },
);

test.serial("one that the machine has as it is wanted is left as it is", async (t) => {
  const line = "2001:db8:7::/64 via 2001:db8::2";
  const duet = await startDuet(t, config([line]));
  await duet.said({ msg: "route of this machine, left as it is", route: line });
  const { not_held } = await duet.becomes("MASTER");
  t.deepEqual(not_held, []);
  duet.signal("SIGTERM");
  t.is(await duet.ended, 0);
  t.is(routes(), before);
});
