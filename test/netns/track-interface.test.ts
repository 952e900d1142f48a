// Tracked interfaces on a real kernel: the whole daemon, a veth pair for adverts, dummies and veths to pull.

import test from "ava";
import { HERE, instanceText, openPair } from "../helpers/daemon-pair.ts";
import { startDuet } from "../helpers/duet.ts";
import { eventually } from "../helpers/wait.ts";

const { here } = await openPair(test);
const VIP = "10.9.0.100/24";

function uplink(name: string): void {
  here.run(`ip link add ${name} type veth peer name ${name}p`);
  here.run(`ip link set ${name} up`);
  here.run(`ip link set ${name}p up`);
}

test.serial(
  "a tracked interface without carrier is a FAULT with its name, until it is back",
  async (t) => {
    uplink("up0");
    const lines = ["track_interface[] = up0", "track_interface[] = up0p weight -30"];
    const duet = await startDuet(
      t,
      instanceText({ vrid: 1, priority: 100, vips: [VIP], more: lines }),
    );
    await duet.becomes("MASTER");

    here.run("ip link set up0p down"); // takes the carrier of up0 as well
    const down = await duet.becomes("FAULT");
    t.deepEqual(down.faults, ["track_interface:up0"]);
    t.is(down.priority, 70);

    here.run("ip link set up0p up");
    const up = await duet.becomes("MASTER");
    t.is(up.priority, 100);

    const { trackers = [] } = await duet.status();
    t.deepEqual(
      trackers.map(({ kind, name, up: isUp, detail }) => [kind, name, isUp, detail]),
      [
        ["interface", "up0", true, "up"],
        ["interface", "up0p", true, "up"],
      ],
    );
  },
);

test.serial(
  "an interface that does not exist counts as down, and as up once it is made",
  async (t) => {
    const more = ["track_interface[] = late0"];
    const duet = await startDuet(t, instanceText({ vrid: 2, priority: 100, vips: [VIP], more }));
    t.deepEqual((await duet.becomes("FAULT")).faults, ["track_interface:late0"]);

    uplink("late0");
    await duet.becomes("MASTER");

    here.run("ip link delete late0");
    await duet.becomes("FAULT");
    await eventually("the status to say that it is missing", async () => {
      const { trackers = [] } = await duet.status();
      return trackers.some(({ name, detail }) => name === "late0" && detail === "missing");
    });
  },
);

test.serial(
  "down_delay hides a short flap of the own interface; a long one is a FAULT",
  async (t) => {
    const delays = `[interface.${HERE.device}]\ndown_delay = 1\nup_delay = 0\n`;
    const text = instanceText({ vrid: 3, priority: 100, advertS: 1, vips: [VIP] });
    const duet = await startDuet(t, text + delays);
    await duet.becomes("MASTER");

    here.run(`ip link set ${HERE.device} down`);
    here.run(`ip link set ${HERE.device} up`);
    const mark = duet.lines().length;
    here.run(`ip link set ${HERE.device} down`);
    await duet.said(
      { msg: "tracked object changed", name: HERE.device, to: "DOWN" },
      { after: mark },
    );
    const { since } = await duet.becomes("FAULT");
    await duet.said({ msg: "state changed", to: "FAULT" }, { after: mark });
    const changes = duet.lines().filter(({ msg }) => msg === "state changed");
    // Startup, MASTER, and one FAULT: the flap before is not among them.
    t.deepEqual(
      changes.map(({ to }) => to),
      ["BACKUP", "MASTER", "FAULT"],
    );
    t.truthy(since);
    here.run(`ip link set ${HERE.device} up`);
    await duet.becomes("MASTER");
  },
);

test.serial("dont_track_primary: the own interface may be down without a FAULT", async (t) => {
  const more = ["dont_track_primary = yes"];
  const duet = await startDuet(t, instanceText({ vrid: 4, priority: 100, vips: [VIP], more }));
  await duet.becomes("MASTER");
  const changes = duet.lines().filter(({ msg }) => msg === "state changed").length;

  here.run(`ip link set ${HERE.device} down`);
  await eventually(
    "adverts that fail",
    async () => (await duet.instance()).counters.send_errors > 0,
  );
  here.run(`ip link set ${HERE.device} up`);

  t.is((await duet.instance()).state, "MASTER");
  t.is(duet.lines().filter(({ msg }) => msg === "state changed").length, changes);
});

test.serial(
  "a tracked static route counts when it cannot be put back, or its interface is down",
  async (t) => {
    uplink("up1");
    here.run("ip address add 10.66.0.1/24 dev up1");
    const statics = ["static_routes[] = 10.67.0.0/16 via 10.66.0.9 dev up1 track_group out"];
    const text = instanceText({
      vrid: 3,
      priority: 100,
      vips: [VIP],
      more: ["track_group[] = out"],
    });
    const duet = await startDuet(t, `[global]\n${statics.join("\n")}\n${text}`);
    await duet.becomes("MASTER");

    here.run("ip route delete 10.67.0.0/16");
    await eventually("the route to be back", () =>
      here.run("ip route").includes("10.67.0.0/16 via 10.66.0.9"),
    );
    t.is((await duet.instance()).counters.released_master, 0);

    here.run("ip address flush dev up1"); // takes the route along, and what it needs
    const lost = await duet.becomes("FAULT");
    t.deepEqual(lost.faults, ["track_group:out"]);
    here.run("ip address add 10.66.0.1/24 dev up1");
    await duet.becomes("MASTER");

    here.run("ip link set up1p down");
    await duet.becomes("FAULT");
    const { trackers = [] } = await duet.status();
    t.like(
      trackers.find(({ kind }) => kind === "group"),
      { name: "out", up: false },
    );
    here.run("ip link set up1p up");
    await duet.becomes("MASTER");
  },
);
