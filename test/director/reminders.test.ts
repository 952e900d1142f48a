import test from "ava";
import { openReminders } from "../../src/director/reminders.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { realServerConfig, virtualServerConfig } from "../helpers/virtual-server.ts";

test("a real server that is DOWN is told again and again, until it is UP or nobody wants it", (t) => {
  const { clock, advance } = virtualClock();
  const down = new Set<string>();
  const told: string[] = [];
  const reminders = openReminders({
    clock,
    isDown: (virtualServer, realServer) => down.has(`${virtualServer}/${realServer}`),
    remind: (virtualServer, realServer) => {
      told.push(`${clock.nowMs()} ${virtualServer}/${realServer}`);
    },
  });
  const realServers = ["rs1", "rs2"].map((name) => realServerConfig(name, "10.0.0.21"));
  const web = virtualServerConfig({ realServers });
  const often = { ...web, alerts: { ...web.alerts, repeatMs: 60_000 } };
  const quiet = { ...web, name: "quiet" };
  // Down when it began; a service that does not repeat is not told.
  down.add("web/rs1").add("quiet/rs1");
  reminders.configure([often, quiet]);
  advance(30_000);
  down.add("web/rs2");
  reminders.changed("web", "rs2");
  reminders.changed("quiet", "rs1");
  advance(100_000);
  t.deepEqual(told, ["60000 web/rs1", "90000 web/rs2", "120000 web/rs1"]);
  down.delete("web/rs1");
  reminders.changed("web", "rs1");
  // A reload does not begin anew.
  reminders.configure([often, quiet]);
  advance(60_000);
  t.deepEqual(told.slice(3), ["150000 web/rs2"]);
  reminders.configure([web, quiet]);
  advance(600_000);
  t.is(told.length, 4);
  reminders.configure([often]);
  reminders.close();
  advance(600_000);
  t.is(told.length, 4);
});

test("ten thousand that go DOWN at once cost one look when they are told", (t) => {
  const { clock, advance } = virtualClock();
  let looks = 0;
  let told = 0;
  const reminders = openReminders({
    clock: {
      nowMs: clock.nowMs,
      alarm: (ring) =>
        clock.alarm(() => {
          looks += 1;
          ring();
        }),
    },
    isDown: () => true,
    remind: () => {
      told += 1;
    },
  });
  const web = virtualServerConfig();
  reminders.configure([{ ...web, alerts: { ...web.alerts, repeatMs: 10_000 } }]);
  for (let n = 0; n < 10_000; n += 1) reminders.changed("web", `rs${n}`);
  advance(10_500);
  t.is(told, 10_000);
  t.is(looks, 1);
});
