// BFD on a real kernel: with FRR's bfdd, and between two whole daemons.

import test, { type ExecutionContext } from "ava";
import { bfddMissing, startBfdd } from "../helpers/bfdd.ts";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { type Duet, duetCommand, killAtOnce, startDuet } from "../helpers/duet.ts";
import { openMetronome } from "../helpers/metronome.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const metronome = openMetronome(test);
const VIP = "10.9.0.100/24";

function session(neighbor: string, source: string, more: readonly string[] = []): string {
  const lines = [
    "[bfd_instance.peer]",
    `neighbor_ip = ${neighbor}`,
    `source_ip = ${source}`,
    "multiplier = 3",
    ...more,
  ];
  return `${lines.join("\n")}\n`;
}

async function sessionOf(duet: Duet): Promise<string> {
  const { trackers = [] } = await duet.status();
  return trackers.find(({ kind }) => kind === "bfd")?.detail ?? "";
}

const interop = bfddMissing() === undefined ? test.serial : test.serial.skip;

const FRR_PEER = [
  ` peer ${HERE.address} local-address ${THERE.address} interface ${THERE.device}`,
  "  detect-multiplier 3",
  "  receive-interval 30",
  "  transmit-interval 40",
];

interop("FRR's bfdd and duet come up, agree on the pace, and see each other go", async (t) => {
  const bfdd = await startBfdd(t, pair.there, FRR_PEER);
  const text = instanceText({ vrid: 1, priority: 100, vips: [VIP], more: ["track_bfd[] = peer"] });
  const pace = ["min_tx = 20ms", "min_rx = 25ms"];
  const duet = await startDuet(t, text + session(THERE.address, HERE.address, pace));

  await duet.becomes("MASTER");
  await eventually("bfdd to be up at the pace of duet", () => {
    const peer = bfdd.peer();
    return (
      peer?.status === "up" &&
      peer["remote-transmit-interval"] === 20 &&
      peer["remote-receive-interval"] === 25 &&
      peer["remote-detect-multiplier"] === 3
    );
  });
  t.is(await sessionOf(duet), "Up");

  bfdd.kill("SIGSTOP");
  const down = await duet.becomes("FAULT");
  t.deepEqual(down.faults, ["track_bfd:peer"]);
  t.is(await sessionOf(duet), "Down: control detection time expired");
  bfdd.kill("SIGCONT");
  await duet.becomes("MASTER");

  duet.signal("SIGTERM");
  t.is(await duet.ended, 0);
  await eventually("bfdd to be down because duet said so", () => {
    const peer = bfdd.peer();
    return peer?.status === "down" && peer["remote-diagnostic"] === "administratively down";
  });
});

interop("FRR's bfdd that is shut down by its operator takes the session down", async (t) => {
  const bfdd = await startBfdd(t, pair.there, FRR_PEER);
  const text = instanceText({ vrid: 1, priority: 100, vips: [VIP], more: ["track_bfd[] = peer"] });
  const duet = await startDuet(t, text + session(THERE.address, HERE.address, ["passive = yes"]));
  await duet.becomes("MASTER");

  bfdd.kill("SIGTERM");
  t.deepEqual((await duet.becomes("FAULT")).faults, ["track_bfd:peer"]);
});

test.serial(
  "bfd_promote: a host that dies is replaced long before its adverts are missed",
  async (t) => {
    const { a, b } = await promotingPair(t);
    const mark = b.lines().length;

    const killedAtMs = Date.now();
    killAtOnce(a);
    const change = await b.said({ msg: "state changed", to: "MASTER" }, { after: mark });

    t.is(change["cause"], "bfd_session_down");
    const tookMs = Date.parse(String(change["time"])) - killedAtMs;
    t.log(`took ${tookMs} ms`);
    const lostMs = await metronome.lostMs(killedAtMs, killedAtMs + tookMs);
    t.true(tookMs < 1000 + lostMs, `${tookMs} ms`);
  },
);

test.serial(
  "bfd_promote: a master that is stopped hands over by priority 0, not by BFD",
  async (t) => {
    // A pause of the machine is no reason to promote within Skew_Time.
    const { a, b } = await promotingPair(t, ["min_tx = 300ms", "min_rx = 300ms"]);

    a.signal("SIGTERM");
    const { cause } = await b.becomes("MASTER");

    t.is(cause, "priority_zero_received");
  },
);

test.serial(
  "a neighbour behind a router is refused by its TTL on one hop (RFC 5881 §5)",
  async (t) => {
    const text = instanceText({
      vrid: 1,
      priority: 100,
      vips: [VIP],
      more: ["track_bfd[] = peer"],
    });
    const other = instanceText({
      vrid: 1,
      priority: 50,
      vips: [VIP],
      interface: THERE.device,
      more: ["track_bfd[] = peer weight 1"],
    });
    const a = await startDuet(t, text + session(THERE.address, HERE.address));
    await startDuet(t, other + session(HERE.address, THERE.address, ["ttl = 254"]), {
      place: pair.there,
    });

    await a.said({ msg: "BFD packet rejected", reason: "ttl", source: THERE.address });
    t.is((await a.instance()).state, "FAULT");
  },
);

test.serial("several hops: port 4784, and a TTL as low as max_hops says", async (t) => {
  const far = (weight: string): string[] => [`track_bfd[] = peer${weight}`];
  const text = instanceText({ vrid: 1, priority: 100, vips: [VIP], more: far("") });
  const other = instanceText({
    vrid: 1,
    priority: 50,
    vips: [VIP],
    interface: THERE.device,
    more: far(" weight 1"),
  });
  const more = ["multihop = yes", "ttl = 250", "max_hops = 5"];
  const a = await startDuet(t, text + session(THERE.address, HERE.address, more));
  await startDuet(t, other + session(HERE.address, THERE.address, more), { place: pair.there });

  await a.becomes("MASTER");
  t.is(await sessionOf(a), "Up");
  t.regex(pair.here.run("ss -uan"), /:4784\b/);
});

test.serial(
  "a reload that changes the pace of a session leaves it up; one that takes it away says goodbye",
  async (t) => {
    // So slow that a busy machine does not end it.
    const { a, b } = await promotingPair(t, ["min_tx = 400ms", "min_rx = 400ms"]);
    const mark = a.lines().length;
    const vips = [VIP];
    const lines = ["track_bfd[] = peer weight -10"];
    const second = { vrid: 2, priority: 100, advertS: 1, vips };
    const pace = ["min_tx = 500ms", "min_rx = 450ms"];

    b.write(instanceText({ ...second, more: lines }) + session(THERE.address, HERE.address, pace));
    t.is((await duetCommand(["reload", "--run-dir", b.runDir])).code, 0);
    t.like(await b.instance(), { state: "BACKUP", priority: 100 });
    t.is(await sessionOf(b), "Up");
    t.is(await sessionOf(a), "Up");

    b.write(instanceText(second));
    t.is((await duetCommand(["reload", "--run-dir", b.runDir])).code, 0);
    await a.said(
      { msg: "BFD session changed", to: "Down", cause: "neighbor signaled session down" },
      { after: mark },
    );
    // Between the two reloads, and the start of a command between them, nothing else happened to it.
    const changes = a
      .lines()
      .slice(mark)
      .filter(({ msg }) => msg === "BFD session changed");
    t.is(changes.length, 1);
    t.deepEqual((await b.status()).trackers, []);
  },
);

test.serial("bfd_promote by a session with another address of the master is told", async (t) => {
  const more = ["bfd_promote = peer"];
  pair.here.run(`ip address add 10.9.0.11/24 dev ${HERE.device}`);
  pair.there.run(`ip address add 10.9.0.12/24 dev ${THERE.device}`);
  const common = { vrid: 3, advertS: 1, vips: [VIP], more };
  const first = instanceText({ ...common, priority: 150, interface: THERE.device });
  const second = instanceText({ ...common, priority: 100 });
  const a = await startDuet(t, first + session("10.9.0.11", "10.9.0.12"), { place: pair.there });
  await a.becomes("MASTER");
  const b = await startDuet(t, second + session("10.9.0.12", "10.9.0.11"));
  await eventually("b to know its master and the session to be up", async () => {
    const { master } = await b.instance();
    return master?.address === THERE.address && (await sessionOf(b)) === "Up";
  });
  // The session alone goes down: its master still advertises.
  pair.there.run(`ip address del 10.9.0.12/24 dev ${THERE.device}`);
  await b.said({
    msg: "bfd_promote has no effect: adverts come from another address",
    neighbor: "10.9.0.12",
    master: THERE.address,
  });
  a.signal("SIGTERM");
  t.is((await b.becomes("MASTER")).cause, "priority_zero_received");
});

/** a is master with an advert a second; b is its backup, with a session that is up. */
async function promotingPair(
  t: ExecutionContext,
  pace: readonly string[] = [],
): Promise<{ readonly a: Duet; readonly b: Duet }> {
  const vips = [VIP];
  const more = ["bfd_promote = peer"];
  const first = instanceText({
    vrid: 2,
    priority: 150,
    advertS: 1,
    vips,
    more,
    interface: THERE.device,
  });
  const second = instanceText({ vrid: 2, priority: 100, advertS: 1, vips, more });
  const a = await startDuet(t, first + session(HERE.address, THERE.address, pace), {
    place: pair.there,
  });
  await a.becomes("MASTER");
  const b = await startDuet(t, second + session(THERE.address, HERE.address, pace));
  await eventually("b to know its master and the session to be up", async () => {
    const { state, master } = await b.instance();
    return state === "BACKUP" && master?.address === THERE.address && (await sessionOf(b)) === "Up";
  });
  return { a, b };
}
