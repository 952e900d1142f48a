// Signed adverts between two duets: who does not know the key changes nothing, and a death is still told at once.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { holds, type Teardown } from "../helpers/daemon-place.ts";
import { type Duet, duetCommand, killQuietly, startDuet } from "../helpers/duet.ts";
import { advertFrame, sendFrames } from "../helpers/peer-packets.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);

const FIRST = "1 0123456789abcdef0123456789abcdef";
const SECOND = `2 hex:${"5a".repeat(64)}`;

function lines(keys: readonly string[], activeKey: number, mode = "enforce"): readonly string[] {
  const all = keys.map((key) => `auth_hmac_key[] = ${key}`);
  return [...all, `auth_hmac_active_key = ${activeKey}`, `auth_hmac_mode = ${mode}`];
}

type Node = Duet & { readonly change: (more: readonly string[]) => Promise<void> };

async function node(
  t: Teardown,
  where: "here" | "there",
  settings: { readonly vrid: number; readonly priority: number; readonly more: readonly string[] },
): Promise<Node> {
  const { vrid, priority } = settings;
  const text = (more: readonly string[]): string =>
    instanceText({
      ...(where === "there" ? { interface: THERE.device } : {}),
      vrid,
      priority,
      // A reload on a busy machine is no stall of three intervals.
      advertS: 0.3,
      vips: [`10.9.0.${100 + vrid}/24`],
      more,
    });
  const duet = await startDuet(t, text(settings.more), { place: pair[where] });
  return {
    ...duet,
    async change(more) {
      duet.write(text(more));
      const { code, output } = await duetCommand(["reload", "--run-dir", duet.runDir]);
      if (code !== 0) throw new Error(`Cannot reload: ${output}`);
    },
  };
}

test.serial(
  "a pair with signed adverts elects, and a stranger without the key is not heard",
  async (t) => {
    const more = lines([FIRST], 1);
    const high = await node(t, "here", { vrid: 1, priority: 200, more });
    await high.becomes("MASTER");
    const low = await node(t, "there", { vrid: 1, priority: 100, more });
    await eventually(
      "the backup hears its master",
      async () => (await low.instance()).master !== null,
    );
    await sendFrames(pair.there, [advertFrame({ vrid: 1, priority: 255 })], {
      times: 20,
      pauseMs: 10,
    });
    const { counters, state } = await high.instance();
    t.is(state, "MASTER");
    t.is(counters.rejected["auth_ext_missing"], 20);
    t.is(counters.became_master, 1);
    high.signal("SIGTERM");
    t.is((await low.becomes("MASTER")).cause, "priority_zero_received");
    t.deepEqual((await low.instance()).counters.rejected["replay"], 0);
  },
);

test.serial(
  "SIGKILL of a signing vrrp: its last will is believed, and the next process is heard",
  async (t) => {
    const more = lines([FIRST], 1);
    const vip = "10.9.0.102";
    const high = await node(t, "here", { vrid: 2, priority: 200, more });
    await high.becomes("MASTER");
    const low = await node(t, "there", { vrid: 2, priority: 100, more });
    // Long enough that the will of the beginning is older than many adverts.
    await eventually("adverts", async () => (await low.instance()).counters.adverts_received > 25);
    killQuietly(await high.pidOf("vrrp"), "SIGKILL");
    await low.said({ msg: "state changed", to: "MASTER", cause: "priority_zero_received" });
    await high.becomes("MASTER");
    await low.becomes("BACKUP");
    await eventually("one owner", () => holds(pair.here, vip) && !holds(pair.there, vip));
    const { rejected } = (await low.instance()).counters;
    t.is(rejected["replay"], 0);
    t.is(rejected["stale"], 0);
  },
);

test.serial(
  "a pair learns to sign, and changes its key, one node at a time, without a transition",
  async (t) => {
    const high = await node(t, "here", { vrid: 3, priority: 200, more: [] });
    await high.becomes("MASTER");
    const low = await node(t, "there", { vrid: 3, priority: 100, more: [] });
    await eventually(
      "the backup hears its master",
      async () => (await low.instance()).master !== null,
    );
    const steps = [
      lines([FIRST], 1, "receive-only"),
      lines([FIRST], 1, "permissive"),
      lines([FIRST], 1),
      lines([FIRST, SECOND], 1),
      lines([FIRST, SECOND], 2),
      lines([SECOND], 2),
    ];
    for (const step of steps) {
      for (const each of [low, high]) {
        const before = (await low.instance()).counters.adverts_received;
        await each.change(step);
        await eventually(
          "adverts after the change",
          async () => (await low.instance()).counters.adverts_received > before + 2,
        );
      }
    }
    const { counters, state } = await low.instance();
    t.is(state, "BACKUP");
    t.is(counters.became_master, 0);
    t.deepEqual(
      Object.values(counters.rejected).filter((count) => count > 0),
      [],
    );
    t.is((await high.instance()).counters.became_master, 1);
  },
);

test.serial(
  "a key file that others may read, or that is gone, refuses the reload and changes nothing",
  async (t) => {
    const directory = mkdtempSync(join(tmpdir(), "duet-key-"));
    t.teardown(() => rmSync(directory, { recursive: true, force: true }));
    const file = join(directory, "vrrp.key");
    const secret = "fedcba9876543210fedcba9876543210";
    writeFileSync(file, `${secret}\n`, { mode: 0o600 });
    const more = lines([`1 file:${file}`], 1);
    const duet = await node(t, "here", { vrid: 4, priority: 100, more });
    await duet.becomes("MASTER");
    chmodSync(file, 0o640);
    await t.throwsAsync(duet.change(more), { message: /auth_hmac_key 1, file .*its mode is 0640/ });
    rmSync(file);
    await t.throwsAsync(duet.change(more), {
      message: /auth_hmac_key 1, file .*it does not exist/,
    });
    t.is((await duet.instance()).state, "MASTER");
    const told = JSON.stringify([duet.lines(), await duet.status()]);
    t.false(told.includes(secret));
    t.false(told.includes(Buffer.from(secret).toString("hex")));
  },
);
