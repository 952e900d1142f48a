// The machine's own addresses where virtual ones are configured, and its routes: never changed, whatever happens to duet.

import test from "ava";
import { HERE, instanceText, openPair } from "../helpers/daemon-pair.ts";
import { holds } from "../helpers/daemon-place.ts";
import { duetCommand, killAtOnce, killQuietly, startDuet } from "../helpers/duet.ts";
import { linkLocalOf } from "../helpers/netns.ts";
import { eventually } from "../helpers/wait.ts";

const { here } = await openPair(test, { ipv6: true });
await eventually("a link-local address", () => linkLocalOf(here, HERE.device) !== "");
for (const own of ["10.9.0.50/24", "10.9.0.51/24", "10.9.0.52/24", "2001:db8::51/64"]) {
  here.run(`ip address add ${own} dev ${HERE.device}`);
}
here.run("ip route add default via 10.9.0.2");

/** With their lifetimes: a lease is a change. */
function machine(): string {
  const addresses = here.run("ip -o address show").split("\n").sort().join("\n");
  return [addresses, here.run("ip route show"), here.run("ip -6 route show")].join("\n---\n");
}

const before = machine();

/** The kernel keeps an IPv6 route for a while that has expired with its address, and does not use it. */
function lasting(): string {
  return machine().replaceAll(/^.* expires -?\d+sec .*\n/gm, "");
}

/** Each line of what was there before is there now. */
function missing(): readonly string[] {
  const now = new Set(machine().split("\n"));
  return before.split("\n").filter((line) => !now.has(line));
}

const VIRTUAL = "10.9.0.60";
/** The machine's addresses as they are there, and with another prefix; one that is nobody's. */
const config = (more: readonly string[] = []): string =>
  instanceText({
    name: "FOUR",
    vrid: 1,
    priority: 100,
    vips: ["10.9.0.50/24", "10.9.0.51/32", `${VIRTUAL}/24`, ...more],
  }) +
  instanceText({
    name: "SIX",
    vrid: 2,
    priority: 100,
    vips: ["fe80::5:2/64", "2001:db8::51/128", "2001:db8::60/128"],
  });

test.serial(
  "a start, renewals, reloads, a death of vrrp and a stop leave them as they were",
  async (t) => {
    const duet = await startDuet(t, config());
    await duet.becomes("MASTER", "FOUR");
    await duet.becomes("MASTER", "SIX");
    t.deepEqual(missing(), []);
    for (const address of ["10.9.0.50", "2001:db8::51"]) {
      await duet.said({ msg: "address of this machine, left as it is", address });
    }
    const sentBefore = (await duet.instance("FOUR")).counters.adverts_sent;
    await eventually(
      "two renewals",
      async () => (await duet.instance("FOUR")).counters.adverts_sent > sentBefore + 25,
    );
    t.deepEqual(missing(), []);
    for (const text of [
      config(["10.9.0.52/24"]),
      config(["10.9.0.52/24 label here0:x"]),
      config(),
    ]) {
      duet.write(text);
      t.is((await duetCommand(["reload", "--run-dir", duet.runDir])).code, 0);
      t.deepEqual(missing(), []);
    }
    const said = duet.lines().length;
    killQuietly(await duet.pidOf("vrrp"), "SIGKILL");
    await duet.said({ msg: "last will of the vrrp role carried out" });
    t.deepEqual(missing(), []);
    await duet.said({ msg: "state changed", instance: "FOUR", to: "MASTER" }, { after: said });
    await eventually("held again", () => holds(here, VIRTUAL));
    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
    t.is(machine(), before);
  },
);

test.serial("an address that somebody takes for his own is his from then on", async (t) => {
  const duet = await startDuet(t, config());
  await duet.becomes("MASTER", "FOUR");
  here.run(`ip address replace ${VIRTUAL}/24 dev ${HERE.device}`);
  await duet.said({ msg: "address of this machine, left as it is", address: VIRTUAL });
  duet.signal("SIGTERM");
  t.is(await duet.ended, 0);
  t.true(holds(here, VIRTUAL));
  here.run(`ip address del ${VIRTUAL}/24 dev ${HERE.device}`);
  t.is(machine(), before);
});

test.serial("static addresses that the machine has by itself stay as well", async (t) => {
  const addresses = ["10.9.0.50/24", "10.9.0.51/32", "2001:db8::51/128"];
  const lines = addresses.map((each) => `static_ipaddress[] = ${each} dev ${HERE.device}`);
  const duet = await startDuet(t, `[global]\n${lines.join("\n")}\n`);
  await eventually("there", () => here.run("ip -o address show").includes("10.9.0.51/32"));
  t.deepEqual(missing(), []);
  duet.signal("SIGTERM");
  t.is(await duet.ended, 0);
  t.is(machine(), before);
});

test.serial("a route that a reload changes leaves nothing of the old one behind", async (t) => {
  const four = "192.168.7.0/24 via 10.9.0.2 dev here0";
  const six = "2001:db8:7::/64 via 2001:db8::2 dev here0";
  const hops = "192.168.7.0/24 nexthop via 10.9.0.2 dev here0 nexthop via 10.9.0.3 dev here0";
  const variants: readonly (readonly string[])[] = [
    [four, six],
    [`${four} src 10.9.0.1`, `${six} metric 7`],
    [`${four} mtu 1400`, six],
    [hops, `${six} mtu 1400`],
    [four, six],
    ["192.168.7.0/24 via 10.9.0.3 dev here0", six],
  ];
  const text = (routes: readonly string[]): string => {
    const lines = routes.map(
      (route) => `static_routes[] = ${route.replaceAll("7.0", "8.0").replaceAll(":7:", ":8:")}`,
    );
    const more = routes.map((route) => `virtual_routes[] = ${route}`);
    const instance = instanceText({ name: "FOUR", vrid: 1, priority: 100, vips: [], more });
    return `[global]\n${lines.join("\n")}\n${instance}virtual_ipaddress[] = 10.9.0.60/24\n`;
  };
  const duet = await startDuet(t, text(variants[0] ?? []));
  await duet.becomes("MASTER", "FOUR");
  for (const routes of variants) {
    duet.write(text(routes));
    t.is((await duetCommand(["reload", "--run-dir", duet.runDir])).code, 0);
    const shown = here.run("ip -4 route show proto 215") + here.run("ip -6 route show proto 215");
    t.is(shown.match(/^\S+/gm)?.length, 4, shown);
    t.deepEqual(missing(), []);
  }
  duet.signal("SIGTERM");
  t.is(await duet.ended, 0);
  t.is(machine(), before);
});

test.serial(
  "what a killed run left goes at the next start, and by `duet release`; theirs stays",
  async (t) => {
    const first = await startDuet(t, config());
    await first.becomes("MASTER", "FOUR");
    killAtOnce(first);
    await first.ended;
    // It listens for long before it takes anything.
    const slow = config().replaceAll("advert_int = 0.1", "advert_int = 40");
    const next = await startDuet(t, slow, { runDir: first.runDir });
    await next.becomes("BACKUP", "FOUR");
    t.is(lasting(), before);
    killAtOnce(next);
    await next.ended;
    const last = await startDuet(t, config(), { runDir: first.runDir });
    await last.becomes("MASTER", "FOUR");
    killAtOnce(last);
    await last.ended;
    t.is((await duetCommand(["release", "--run-dir", first.runDir])).code, 0);
    t.is(lasting(), before);
  },
);
