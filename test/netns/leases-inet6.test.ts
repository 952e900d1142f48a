// The lease of an IPv6 address is its own: the route that it would share with an address of this machine keeps its lifetime.

import test from "ava";
import { HERE, instanceText, openPair, withoutMilliseconds } from "../helpers/daemon-pair.ts";
import { holds } from "../helpers/daemon-place.ts";
import { killAtOnce, startDuet } from "../helpers/duet.ts";
import { eventually } from "../helpers/wait.ts";

const { here } = await openPair(test, { ipv6: true });
const NETWORK = "2001:db8:5::/64";
const [OWN, VIRTUAL, OTHER] = ["2001:db8:5::5", "2001:db8:5::60", "2001:db8:5::61"];
const STATIC = "2001:db8:5::6";
const LIFETIME_S = 3600;
/** A lease is not longer, and what is left of the lifetime is more. */
const BRIEF_S = 60;

const text = instanceText({
  vrid: 1,
  priority: 100,
  vips: ["fe80::5:2/64", `${VIRTUAL}/64`, `${OTHER}/64`],
});

/** Seconds, Infinity when it is there for ever; undefined = there is none that is used. */
function routeLeftS(): number | undefined {
  const route = here.run(`ip -6 route show ${NETWORK} dev ${HERE.device}`);
  if (route === "") return undefined;
  const leftS = Number(/expires (-?\d+)sec/.exec(route)?.[1] ?? Infinity);
  return leftS < 0 ? undefined : leftS;
}

const isLong = (leftS = 0): boolean => leftS > BRIEF_S && leftS <= LIFETIME_S;
const isBrief = (leftS = Infinity): boolean => leftS <= BRIEF_S;
const sharers = (): number =>
  here.run(`ip -6 -o address show dev ${HERE.device}`).match(/noprefixroute/g)?.length ?? 0;

function comes(): void {
  const lifetimes = `valid_lft ${LIFETIME_S} preferred_lft ${LIFETIME_S}`;
  here.run(`ip address add ${OWN}/64 dev ${HERE.device} ${lifetimes}`);
}

const goes = (): void => void here.run(`ip address del ${OWN}/64 dev ${HERE.device}`);

test.afterEach.always(() => {
  for (const address of [OWN, STATIC, VIRTUAL, OTHER]) {
    if (holds(here, address)) here.run(`ip address del ${address}/64 dev ${HERE.device}`);
  }
  here.run(`ip -6 route flush ${NETWORK} dev ${HERE.device}`);
});

test.serial(
  "the machine's route outlives a duet that is killed, and one that is stopped",
  async (t) => {
    withoutMilliseconds(t, { here });
    comes();
    const duet = await startDuet(t, text);
    await duet.becomes("MASTER");
    await eventually("held", () => holds(here, OTHER));
    t.true(isLong(routeLeftS()));
    const { adverts_sent: sent } = (await duet.instance()).counters;
    await eventually(
      "two renewals",
      async () => (await duet.instance()).counters.adverts_sent > sent + 25,
    );
    t.true(isLong(routeLeftS()));
    killAtOnce(duet);
    await duet.ended;
    await eventually("the leases are over", () => !holds(here, VIRTUAL) && !holds(here, OTHER));
    t.true(isLong(routeLeftS()));
    const next = await startDuet(t, text, { runDir: duet.runDir });
    await next.becomes("MASTER");
    await eventually("held", () => holds(here, OTHER));
    next.signal("SIGTERM");
    t.is(await next.ended, 0);
    t.false(holds(here, VIRTUAL));
    t.true(isLong(routeLeftS()));
  },
);

test.serial("an address of the machine comes and goes while ours are there", async (t) => {
  withoutMilliseconds(t, { here });
  const duet = await startDuet(t, text);
  await duet.becomes("MASTER");
  await eventually("held", () => holds(here, OTHER));
  t.true(isBrief(routeLeftS()));
  t.is(sharers(), 0);
  comes();
  await eventually("ours have no route", () => sharers() === 2);
  t.true(isLong(routeLeftS()));
  goes();
  await eventually("ours have a route", () => sharers() === 0);
  await eventually("with their lease", () => isBrief(routeLeftS()));
  duet.signal("SIGTERM");
  t.is(await duet.ended, 0);
  t.is(routeLeftS(), undefined);
});

test.serial("beside one of both kinds the route is for ever, until that is gone", async (t) => {
  withoutMilliseconds(t, { here });
  here.run(`ip address add ${STATIC}/64 dev ${HERE.device}`);
  comes();
  const duet = await startDuet(t, text);
  await duet.becomes("MASTER");
  await eventually("held", () => holds(here, OTHER));
  t.is(routeLeftS(), Infinity);
  here.run(`ip address del ${STATIC}/64 dev ${HERE.device}`);
  await eventually("ours have no route", () => sharers() === 2);
  killAtOnce(duet);
  await duet.ended;
  await eventually("the leases are over", () => !holds(here, VIRTUAL) && !holds(here, OTHER));
  t.true(isLong(routeLeftS()));
});

test.serial(
  "an address that is for ever keeps its route for ever, and takes it along",
  async (t) => {
    withoutMilliseconds(t, { here });
    here.run(`ip address add ${OWN}/64 dev ${HERE.device}`);
    const duet = await startDuet(t, text);
    await duet.becomes("MASTER");
    await eventually("held", () => holds(here, OTHER));
    t.is(sharers(), 0);
    t.is(routeLeftS(), Infinity);
    goes();
    await eventually("ours have a route with their lease", () => isBrief(routeLeftS()));
    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
    t.is(routeLeftS(), undefined);
  },
);
