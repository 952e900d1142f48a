// Two directors of one program on a switch and a client that asks who has their address: each cell of the fault matrix hurts one of
// them, and waits until the pair is whole again.

import { existsSync, readFileSync } from "node:fs";
import { instanceText } from "./daemon-pair.ts";
import { type Place, type Teardown, wallMs } from "./daemon-place.ts";
import { type Duet, killQuietly, startDuet } from "./duet.ts";
import {
  type Cell,
  type Fault,
  type Kind,
  PLACES,
  type Program,
  STOPPED_MS,
} from "./fault-cells.ts";
import { type Ownership, ownershipOf, SIDES, type Side } from "./ownership.ts";
import { type Keepalived, keepalivedInstance, startKeepalived } from "./peer-keepalived.ts";
import { PORTS, type Segment } from "./segment.ts";
import { sniff } from "./sniff.ts";
import { eventually } from "./wait.ts";

const ASK_EVERY_MS = 5;
/** So many questions in a row that only one director has answered are an owner that stays. */
const STEADY_QUESTIONS = 60;

type Director = {
  /** By role; those that live. */
  readonly processes: () => ReadonlyMap<string, number>;
  /** Every process is there and the instance has left INIT; one whose first process ended is started again. */
  readonly whole: () => Promise<void>;
};

export type FaultPair = {
  readonly suffer: (cell: Pick<Cell, "target" | "victims" | "fault">) => Promise<Ownership>;
};

/** Resolves when one of them is master and the other one is backup. */
export async function openFaultPair(
  t: Teardown,
  segment: Segment,
  program: Program,
  kind: Kind,
): Promise<FaultPair> {
  const { hub, client, here, there } = segment;
  const wires = {
    left: await sniff(t, hub, PORTS[0]),
    right: await sniff(t, hub, PORTS[1]),
  };
  const start = program === "duet" ? openDuet : openKeepalived;
  const directors = {
    left: await start(t, here, kind, 0),
    right: await start(t, there, kind, 1),
  };
  const words = ["build/test/helpers/owner-asker.js", "eth0", "10.9.0.9", "2001:db8::9"];
  const asker = client.spawn(process.execPath, [...words, String(ASK_EVERY_MS), kind.asked]);
  t.teardown(() => void asker.kill("SIGKILL"));

  function seenSince(sinceMs: number): Ownership & { readonly questions: number } {
    const times = (heard: readonly { readonly atMs: number }[]): readonly number[] =>
      heard.filter(({ atMs }) => atMs >= sinceMs).map(({ atMs }) => atMs);
    const questions = times(wires.left.questions(kind.asked));
    const answers = {
      left: times(wires.left.answers(kind.asked)),
      right: times(wires.right.answers(kind.asked)),
    };
    return { ...ownershipOf(questions, answers), questions: questions.length };
  }

  /** The only one that answers, for a while. */
  async function owner(): Promise<Side> {
    let sinceMs = wallMs();
    return eventually("one owner that stays", () => {
      const { owners, outageMs, questions } = seenSince(sinceMs);
      if (owners.length > 1 || outageMs > 4 * ASK_EVERY_MS) sinceMs = wallMs();
      return questions >= STEADY_QUESTIONS ? owners[0]?.side : undefined;
    });
  }

  await owner();
  return {
    async suffer({ target, victims, fault }) {
      const master = await owner();
      const side = target === "master" ? master : SIDES.find((each) => each !== master);
      const director = directors[side ?? "left"];
      const fromMs = wallMs();
      await hurt(director.processes(), victims, fault);
      await director.whole();
      await owner();
      return seenSince(fromMs);
    },
  };
}

async function hurt(
  processes: ReadonlyMap<string, number>,
  victims: readonly string[],
  fault: Fault,
): Promise<void> {
  const pids = victims.includes("all")
    ? [...processes.values()]
    : victims.map((role) => {
        const pid = processes.get(role);
        if (pid === undefined) throw new Error(`No process ${role}`);
        return pid;
      });
  const all = (signal: NodeJS.Signals): void => {
    for (const pid of pids) killQuietly(pid, signal);
  };
  // Stopped first, so that none can act on the death of another.
  all("SIGSTOP");
  if (fault === "stop") {
    await new Promise((resolve) => setTimeout(resolve, STOPPED_MS));
    return all("SIGCONT");
  }
  all(fault === "kill" ? "SIGKILL" : "SIGSEGV");
  // A signal that may be caught waits for a process that is stopped.
  all("SIGCONT");
  await eventually("the end of what was killed", () => !pids.some(lives));
}

/** A zombie has no program any more. */
function lives(pid: number): boolean {
  return existsSync(`/proc/${pid}/exe`);
}

async function openDuet(t: Teardown, place: Place, kind: Kind, at: 0 | 1): Promise<Director> {
  const text = instanceText({ ...shared(kind, at), more: kind.more(...ends(at)).more ?? [] });
  let duet: Duet = await startDuet(t, text, { place });
  const roleOf = (pid: number): string =>
    pid === duet.pid ? "guardian" : commandOf(pid).replace("duet-", "");
  const processes = (): ReadonlyMap<string, number> =>
    new Map(
      duet
        .living()
        .filter(lives)
        .map((pid) => [roleOf(pid), pid]),
    );
  const roles = processes().size;
  let ended = false;
  const follow = (): void => {
    ended = false;
    void duet.ended.then(() => (ended = true));
  };
  follow();
  return {
    processes,
    async whole() {
      const { runDir } = duet;
      // What has no guardian any more ends by itself.
      await eventually("a guardian with its roles, or the end of both", () => {
        const { size } = processes();
        return ended ? size === 0 : size === roles;
      });
      if (ended) {
        duet = await startDuet(t, text, { place, runDir });
        follow();
      }
      await eventually("an instance at work", async () => {
        const now = await duet.instance().catch(() => undefined);
        return now !== undefined && now.state !== "INIT";
      });
    },
  };
}

async function openKeepalived(t: Teardown, place: Place, kind: Kind, at: 0 | 1): Promise<Director> {
  const { more: _more, ...instance } = { ...shared(kind, at), more: [] };
  const text = keepalivedInstance({
    ...instance,
    version: kind.version,
    advertS: kind.advertS,
    interface: PLACES[at].device,
    more: kind.more(...ends(at)).peer,
  });
  // Killed, it leaves its addresses for ever.
  t.teardown(() => takeOff(place, kind.vips));
  let keepalived: Keepalived = await startKeepalived(t, place, text);
  let begun = keepalived.processes();
  return {
    processes: () => keepalived.processes(),
    async whole() {
      const now = await eventually("both of its processes, or none", () => {
        const living = keepalived.processes();
        return living.size !== 1 && living;
      });
      if (now.size === 0) keepalived = await startKeepalived(t, place, text);
      else if (now.get("vrrp") !== begun.get("vrrp")) await keepalived.restarted();
      begun = keepalived.processes();
    },
  };
}

function takeOff(place: Place, vips: readonly string[]): void {
  const lines = place.run("ip -o address show").split("\n");
  for (const line of lines) {
    // "7: vrrp.1    inet 10.9.0.101/24 scope global ..."
    const [, device = "", , address = ""] = line.split(/\s+/);
    if (vips.includes(address)) place.run(`ip address delete ${address} dev ${device}`);
  }
}

function shared(kind: Kind, at: 0 | 1) {
  const { version, advertS, vips, priorities } = kind;
  return {
    vrid: 1,
    version,
    advertS,
    vips,
    priority: priorities[at],
    interface: PLACES[at].device,
  };
}

function ends(at: 0 | 1): readonly [string, string] {
  return [PLACES[at].address, PLACES[at === 0 ? 1 : 0].address];
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
}
