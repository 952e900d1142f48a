import test from "ava";
import { openExecutor } from "../../src/daemon/guardian/executor.ts";
import type { LastWill } from "../../src/daemon/process/messages.ts";
import { addAddress, encodeBody, RTM_DELADDR, removeAddress } from "../../src/kernel/addresses.ts";
import { MessageWriter } from "../../src/kernel/attributes.ts";
import { NETLINK_ROUTE, openNetlink } from "../../src/kernel/netlink.ts";
import { ifIndexOf } from "../../src/kernel/vrrp-raw.ts";
import { encodeAdvert, VRRP_GROUP_IPV4 } from "../../src/wire/vrrp.ts";
import { enterNewNetwork, ip, openNeighbour } from "../helpers/netns.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { eventually } from "../helpers/wait.ts";
import { type Listener, openListener } from "../kernel/listener.ts";
import { newAddress } from "../kernel/new-address.ts";

enterNewNetwork();
const neighbour = await openNeighbour("v0", "v1");
const SOURCE = "198.51.100.10";
ip(`address add ${SOURCE}/24 dev v0`);
neighbour.run("ip address add 198.51.100.20/24 dev v1");
const v0 = ifIndexOf("v0");
const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");

test.after.always(() => neighbour.close());

function putOn(address: string): void {
  netlink.request(addAddress(newAddress({ interfaceIndex: v0, address })));
}

function isOn(address: string): boolean {
  return ip("address show dev v0").includes(`${address}/32`);
}

function willOf(
  instance: string,
  addresses: readonly string[],
  vrids: readonly number[],
  on = "v0",
): LastWill {
  return {
    instance,
    removals: addresses.map((address) => {
      const removal = removeAddress(newAddress({ interfaceIndex: v0, address }));
      const messageHex = encodeBody(removal, new MessageWriter()).toString("hex");
      return { what: address, messageType: RTM_DELADDR, messageHex };
    }),
    adverts: vrids.map((vrid) => {
      const path = { source: SOURCE, destination: VRRP_GROUP_IPV4 };
      const advert = {
        version: 3,
        vrid,
        priority: 0,
        advertIntervalMs: 1000,
        addresses,
        authType: 0,
      } as const;
      const packetHex = encodeAdvert(advert, path).toString("hex");
      const to = { destination: VRRP_GROUP_IPV4, ttl: 255 };
      return { interface: on, borrowed: false, source: SOURCE, ...to, packetHex };
    }),
    links: [],
  };
}

function heardOf(heard: Listener, vrid: number): number {
  return heard.text().split(`vrid ${vrid}, prio 0`).length - 1;
}

test.serial("execute() takes the addresses off and says priority 0, once", async (t) => {
  const { log, lines } = memoryLog();
  const executor = openExecutor(log);
  const heard = await openListener(neighbour, "v1", "ip proto 112");
  putOn("203.0.113.1");
  putOn("203.0.113.2");
  executor.hold([willOf("A", ["203.0.113.1"], [51]), willOf("B", ["203.0.113.2"], [52])], true);

  executor.execute();

  t.false(isOn("203.0.113.1") || isOn("203.0.113.2"));
  await eventually("both adverts", () => heardOf(heard, 51) + heardOf(heard, 52) === 2);
  t.like(lines.at(-1), {
    instances: ["A", "B"],
    removed: ["203.0.113.1", "203.0.113.2"],
    failures: [],
  });

  putOn("203.0.113.1");
  executor.execute();
  t.true(isOn("203.0.113.1"), "what was carried out is forgotten");
  executor.hold([willOf("C", [], [53])], false);
  executor.execute();
  await eventually("the next will", () => heardOf(heard, 53) === 1);
  t.is(heardOf(heard, 51), 1);
  t.is(lines.length, 2);
  ip("address del 203.0.113.1/32 dev v0");
  heard.close();
});

test.serial("law 1: the addresses are off before the adverts leave", (t) => {
  const { log, lines } = memoryLog();
  const executor = openExecutor(log);
  // This will takes off even the source of its adverts: the kernel lets them leave only before that.
  const source = newAddress({ interfaceIndex: v0, address: SOURCE, prefixLength: 24 });
  ip(`address del ${SOURCE}/24 dev v0`);
  netlink.request(addAddress(source));
  const messageHex = encodeBody(removeAddress(source), new MessageWriter()).toString("hex");
  const will = willOf("A", [], [51]);
  const removals = [{ what: SOURCE, messageType: RTM_DELADDR, messageHex }];
  executor.hold([{ ...will, removals }], true);
  executor.execute();
  ip(`address add ${SOURCE}/24 dev v0`);
  t.regex(String(lines.at(-1)?.["failures"]), /send advert on v0: /);
});

test.serial("what is the machine's own by now stays on", (t) => {
  const executor = openExecutor(memoryLog().log);
  ip("address add 203.0.113.1/32 dev v0");
  putOn("203.0.113.2");
  executor.hold([willOf("A", ["203.0.113.1", "203.0.113.2"], [])], true);
  executor.execute();
  t.true(isOn("203.0.113.1"));
  t.false(isOn("203.0.113.2"));
  ip("address flush dev v0 to 203.0.113.0/24");
});

for (const isAll of [true, false]) {
  test.serial(
    `hold() of ${isAll ? "all" : "some"} replaces the wills before it, of whom it is about`,
    async (t) => {
      const executor = openExecutor(memoryLog().log);
      const heard = await openListener(neighbour, "v1", "ip proto 112");
      putOn("203.0.113.1");
      putOn("203.0.113.2");
      executor.hold([willOf("A", ["203.0.113.1"], [51]), willOf("B", ["203.0.113.2"], [53])], true);
      executor.hold([willOf("A", [], [52])], isAll);
      executor.execute();
      await eventually("the advert", () => heardOf(heard, 52) === 1);
      t.true(isOn("203.0.113.1"));
      t.is(isOn("203.0.113.2"), isAll);
      await eventually("the other's", () => heardOf(heard, 53) === (isAll ? 0 : 1));
      t.is(heardOf(heard, 51), 0);
      ip("address flush dev v0 to 203.0.113.0/24");
      heard.close();
    },
  );
}

test.serial("execute() does what can be done when one interface is gone", async (t) => {
  const { log, lines } = memoryLog();
  const executor = openExecutor(log);
  const heard = await openListener(neighbour, "v1", "ip proto 112");
  putOn("203.0.113.1");
  const here = willOf("A", ["203.0.113.9", "203.0.113.1"], [51]);
  executor.hold([willOf("B", [], [52], "nope0"), here], true);
  executor.execute();
  await eventually("the advert", () => heardOf(heard, 51) === 1);
  t.false(isOn("203.0.113.1"));
  t.true(lines.some(({ msg }) => msg === "last will cannot be sent here"));
  heard.close();
});

test.serial("execute() never throws, also with the link down", (t) => {
  const { log, lines } = memoryLog();
  const executor = openExecutor(log);
  executor.hold([willOf("A", [], [51])], true);
  ip("link set v0 down");
  t.notThrows(() => executor.execute());
  t.regex(String(lines.at(-1)?.["failures"]), /ENETUNREACH|ENETDOWN/);
  ip("link set v0 up");
});

test.serial("an executor that holds nothing does nothing", (t) => {
  const { log, lines } = memoryLog();
  openExecutor(log).execute();
  t.deepEqual(lines, []);
});
