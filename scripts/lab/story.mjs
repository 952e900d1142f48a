// The demo: one pair of directors, end to end. Each step says what it does, measures it and checks it;
// the first thing that does not happen ends the story with exit status 1. scripts/demo starts it in the lab.
//
//   --mode dr|nat|tun            how packets reach the real servers
//   --peer keepalived            B is a real keepalived
//   --directors keepalived       both are: nothing of duet runs, for figures to compare with
//   --handover-ms 50             what a planned change of the master may cost, in requests lost: the address moves and is announced at once
//   --until-back                 it ends when A has its VIP back
//   --keep                       leave everything running and open a shell

import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { demoFile, startDuet, startKeepalived, tableIsFull, weightOf } from "./directors.mjs";
import { keep } from "./keep.mjs";
import { bothHeldMs, masterDownMs, nowMs, skewMs } from "./measure.mjs";
import { watchOwners } from "./owners.mjs";
import { check, fact, ms, note, step } from "./tell.mjs";
import * as lab from "./topology.mjs";
import { startTraffic } from "./traffic.mjs";

const A = { node: "d1", name: "A", priority: 150 };
const B = { node: "d2", name: "B", priority: 100 };
const ADVERT_INTERVAL_MS = 1000;
// What the start of a process adds to every outage, on any machine. What the machine itself did not run meanwhile, and how
// slow it is, are measured.
const TOLERANCE_MS = 250;

const { values: options } = parseArgs({
  options: {
    mode: { type: "string", default: "dr" },
    peer: { type: "string", default: "duet" },
    directors: { type: "string", default: "duet" },
    keep: { type: "boolean", default: false },
    "until-back": { type: "boolean", default: false },
    "handover-ms": { type: "string", default: "50" },
  },
});
const handoverMaxMs = Number(options["handover-ms"]);
const kindOfA = options.directors;
const kindOfB = options.directors === "keepalived" ? "keepalived" : options.peer;

async function main() {
  note(
    `Kernel: ${lab.run("uname", "-sr").trim()} (${process.env["LAB_KERNEL"]}); mode ${options.mode}; A is ${kindOfA}, B is ${kindOfB}`,
  );
  lab.buildTopology(options.mode);
  await lab.startServers();
  const owners = watchOwners(lab.VIP, [A.node, B.node]);
  const a = startDirector(kindOfA, A);
  const b = startDirector(kindOfB, B);

  await electionAndWeights({ a, b, owners });
  const traffic = await startTraffic();
  await sickServer({ traffic });
  await unplugged({ a, b, owners, traffic });
  await pluggedIn({ a, b, owners, traffic });
  if (!options["until-back"]) {
    await killed({ a, b, owners, traffic });
    await shown({ a, b });
  }

  if (options.keep) await keep([a, b]);
  await traffic.stop();
  owners.close();
}

function startDirector(kind, { node, priority, name }) {
  const { mode } = options;
  if (kind === "keepalived") {
    // duet always answers a higher priority before it yields; keepalived does when told to.
    const answersHigher = options.directors !== "keepalived";
    return startKeepalived({ node, mode, priority, answersHigher });
  }
  return startDuet({ node, file: demoFile(name.toLowerCase(), mode) });
}

async function electionAndWeights({ a, b, owners }) {
  step("1. A becomes MASTER, B stays BACKUP; requests follow the weights 2:1");
  const tookMs = await lab.until("A is the only holder of the VIP", () =>
    owners.onlyHolder(A.node),
  );
  await lab.until(
    "A says MASTER, B says BACKUP",
    async () => (await a.state()) === "MASTER" && (await b.state()) === "BACKUP",
  );
  fact(`A holds ${lab.VIP} ${ms(tookMs)} after both were started`);
  await lab.until(
    "both servers are in both tables",
    () => tableIsFull(A.node) && tableIsFull(B.node),
  );

  const traffic = await startTraffic();
  const fromMs = nowMs();
  await delay(3000);
  const { answers, lost, sent, failures } = await traffic.since(fromMs);
  await traffic.stop();
  const { rs1 = 0, rs2 = 0 } = answers;
  fact(
    `${sent} requests: ${rs1} answered by rs1 (weight 2), ${rs2} by rs2 (weight 1), ${lost} lost`,
  );
  if (lost > 0) fact(failures);
  check("every request was answered", lost === 0);
  // wrr answers in a fixed order: no count is further from its share than the round that was cut off, or a few when sent at once.
  const share = (2 * sent) / 3;
  check("rs1 answered twice as often as rs2", Math.abs(rs1 - share) <= Math.max(1, 0.03 * share));
}

async function sickServer({ traffic }) {
  step('2. rs2\'s page stops saying "ok"');
  const sickMs = nowMs();
  lab.makeSick("rs2");
  await lab.until("rs2 leaves A's table", () => weightOf(A.node, "rs2") === 0);
  const goneMs = nowMs();
  await delay(2000);
  const before = await traffic.between(sickMs, goneMs);
  const after = await traffic.since(goneMs);
  fact(
    `out of the table after ${ms(goneMs - sickMs)}; ${before.lost} of ${before.sent} requests met the sick server until then`,
  );
  fact(`after that: ${after.sent} requests, ${after.lost} errors`);
  if (after.lost > 0) fact(after.failures);
  check("the client sees no error once the server is out", after.lost === 0 && after.sent > 0);
  check("the sick server gets no request", after.answers["rs2"] === undefined);

  const wellMs = nowMs();
  lab.makeWell("rs2");
  await lab.until("rs2 returns", () => weightOf(A.node, "rs2") > 0);
  fact(`well again: back in the table after ${ms(nowMs() - wellMs)}`);
  await lab.until(
    "rs2 answers again",
    async () => ((await traffic.since(wellMs)).answers["rs2"] ?? 0) > 0,
  );
}

async function unplugged({ owners, traffic }) {
  step("3. A's cable is pulled: B takes over");
  await lab.until("B's table is full", () => tableIsFull(B.node));
  const limitMs = masterDownMs({ advertIntervalMs: ADVERT_INTERVAL_MS, priority: B.priority });
  const atMs = nowMs();
  lab.unplug(A.node);
  await lab.until("B holds the VIP", () => owners.holders().includes(B.node));
  const { outageMs, lost, late, pausedMs, slowMs } = await traffic.settled(atMs);
  fact(
    `outage ${ms(outageMs)} (${lost} requests lost, ${late} late); the protocol's limit is 3 x advert_int + skew = ${ms(limitMs)}${pauses(pausedMs)}`,
  );
  check(
    "B took over within the protocol's limit",
    outageMs > 0 && outageMs <= limitMs + TOLERANCE_MS + slowMs + pausedMs,
  );
  check("A, on its island, is still MASTER: nobody told it", owners.holders().includes(A.node));
}

async function pluggedIn({ owners, traffic }) {
  step("4. A's cable is back: A takes the VIP back");
  await delay(6000); // B's second burst of announcements, 5 s after the first, is not to help here
  // The worst moment: right after B's advert, so that A speaks first, B yields, and A never hears that there was
  // another master. A winner that announces itself only to a loser it hears leaves the clients at B's door.
  lab.afterAdvertOf(B.node);
  const atMs = nowMs();
  lab.plugIn(A.node);
  await lab.until("A is the only holder of the VIP", () => owners.onlyHolder(A.node));
  const healedMs = nowMs() - atMs;
  const { outageMs, lost, late, failures, lostMs, pausedMs } = await traffic.settled(atMs);
  fact(
    `A is the only MASTER again after ${ms(healedMs)}; outage ${ms(outageMs)} (${lost} requests lost, ${late} late)${pauses(pausedMs)}`,
  );
  if (lost > 0) fact(failures);
  if (kindOfA === "duet")
    check(
      `what was lost is under ${handoverMaxMs} ms of requests, or one at the rate of this machine`,
      lost <= 1 || lostMs < handoverMaxMs,
    );
}

async function killed({ a, owners, traffic }) {
  step("5. A's VRRP process gets SIGKILL");
  await delay(2000);
  const limitMs = masterDownMs({ advertIntervalMs: ADVERT_INTERVAL_MS, priority: B.priority });
  const pid = await a.vrrpPid();
  const atMs = nowMs();
  process.kill(pid, "SIGKILL");
  await lab.until("A has given the VIP up", () => !owners.holders().includes(A.node), {
    everyMs: 10,
  });
  const gaveUpMs = changeMs(owners, { node: A.node, held: false, sinceMs: atMs }) - atMs;
  await lab.until("somebody holds the VIP again", () => owners.holders().length > 0, {
    everyMs: 10,
  });
  const [next] = owners.changes.filter((change) => change.held && change.atMs > atMs);
  await lab.until("A is back and the only holder", () => owners.onlyHolder(A.node));
  const aBackMs = changeMs(owners, { node: A.node, held: true, sinceMs: atMs });
  const total = await traffic.settled(atMs);
  const crash = await traffic.between(atMs, aBackMs);
  const bothMs = bothHeldMs(owners.changes, { fromMs: atMs, toMs: aBackMs });
  const back = await traffic.since(aBackMs);

  fact(
    `A's kernel gave the VIP up after ${ms(gaveUpMs)}; ${next.node === B.node ? "B" : "A itself"} had it after ${ms(next.atMs - atMs)}`,
  );
  fact(
    `outage ${ms(crash.outageMs)} (${crash.lost} requests lost, ${crash.late} late; B waits its skew time, ${ms(skewMs(B))}, after a priority-0 advert)`,
  );
  fact(`both nodes held the VIP for ${ms(bothMs)}`);
  fact(
    `A was restarted and took the VIP back after ${ms(aBackMs - atMs)}; outage of that change ${ms(back.outageMs)}`,
  );
  if (kindOfA !== "duet") return;
  check("never did both hold the VIP", bothMs === 0);
  check("B took over", next.node === B.node);
  check(
    "the outage is below the protocol's limit",
    total.outageMs > 0 && total.outageMs < limitMs + total.slowMs + total.pausedMs,
  );
}

async function shown({ a, b }) {
  step("6. What both say now");
  for (const director of [a, b]) {
    note(`--- ${director === a ? "A" : "B"} (${director.node})`);
    note(statusOf(director).trimEnd());
  }
  check(
    "A says MASTER, B says BACKUP",
    (await a.state()) === "MASTER" && (await b.state()) === "BACKUP",
  );
}

/** Exit status 1: something is told to be wrong, as that a process of A died a minute ago. */
function statusOf(director) {
  try {
    return director.statusText();
  } catch (error) {
    if (error.status !== 1) throw error;
    return String(error.stdout);
  }
}

function pauses(pausedMs) {
  return pausedMs > 0 ? `; the machine paused for ${ms(pausedMs)}` : "";
}

function changeMs(owners, { node, held, sinceMs }) {
  return owners.changes.find((c) => c.node === node && c.held === held && c.atMs >= sinceMs).atMs;
}

let exitCode = 0;
try {
  await main();
} catch (error) {
  exitCode = 1;
  note(`\nFAILED: ${error.message}\nLogs: ${lab.OUT}`);
  for (const text of lab.evidence()) note(text);
}
await lab.endAll();
process.exit(exitCode);
