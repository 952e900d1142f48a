// Leases of many addresses are renewed in turns, and what else is due has its turn in between.

import test from "ava";
import type { Netlink } from "../../src/kernel/netlink.ts";
import { openHolders } from "../../src/vip/holding/holders.ts";
import { Keeper } from "../../src/vip/holding/keeper.ts";
import type { Thing } from "../../src/vip/model.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const link = { index: 1, name: "d0", running: true, mac: Buffer.alloc(6) };
const things = Array.from({ length: 300 }, (_, i): Thing => {
  const address = `10.7.${i >> 8}.${i & 255}`;
  const how = { interface: "d0", scope: "global", label: null, broadcast: null } as const;
  return { kind: "address", vip: { address, prefixLength: 32, ...how } };
});

test("renewals of 300 addresses are three turns, and what is due then comes before the second", (t) => {
  const { clock, advance } = virtualClock();
  const happened: string[] = [];
  const netlink = {
    batch(requests: readonly unknown[]) {
      happened.push(`batch of ${requests.length}`);
      return new Map();
    },
    portId: () => 1,
  } as unknown as Netlink;
  const keeper = new Keeper(
    {
      clock,
      netlink,
      holders: openHolders(),
      machines: {
        found: () => [],
        put: () => {},
        inTheWayOf: () => undefined,
        without: (all) => all,
        sharesRoute: () => false,
        withRouteOf6: () => [],
        isThere: () => true,
      },
      linkOf: () => link as never,
      sysctls: { need: () => {}, release: () => {} },
      log: memoryLog().log,
    },
    "virtual",
  );
  keeper.hold({ things, leaseS: 3 });
  happened.length = 0;
  const advert = clock.alarm(() => {
    happened.push("advert");
    advert.set(clock.nowMs() + 500);
  });
  advert.set(500);
  advance(1000);
  t.deepEqual(happened, ["advert", "batch of 128", "advert", "batch of 128", "batch of 44"]);
  // What is let go in between is not put on again.
  happened.length = 0;
  const stop = clock.alarm(() => keeper.release());
  stop.set(2000);
  advance(1000);
  t.deepEqual(happened, ["advert", "batch of 128", "batch of 300", "advert"]);
  advance(2000);
  t.deepEqual(new Set(happened.slice(4)), new Set(["advert"]));
});
