// `duet reload --confirm`: what is not confirmed is rolled back in the kernel, and a duet that dies meanwhile starts with what
// was confirmed.

import { existsSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { request } from "../../src/control/client.ts";
import type { Event } from "../../src/control/events.ts";
import { HERE, instanceText, openPair } from "../helpers/daemon-pair.ts";
import { type Duet, duetCommand, killAtOnce, startDuet } from "../helpers/duet.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);

const withVip = (octet: number): string =>
  instanceText({ vrid: 1, priority: 100, vips: [`10.9.0.${octet}/24`] });

test.serial(
  "unconfirmed is undone, confirmed stays, and a death on trial was no confirmation",
  async (t) => {
    const duet = await startDuet(t, withVip(101));
    await duet.becomes("MASTER");
    const command = async (...args: readonly string[]) =>
      duetCommand([...args, "--run-dir", duet.runDir]);

    duet.write(withVip(102));
    const tried = await command("reload", "--confirm", "1s");
    t.is(tried.code, 0, tried.output);
    t.regex(tried.output, /^not confirmed yet: duet confirm within \d s/);
    await duet.said({ msg: "configuration rolled back", cause: "it was not confirmed within 1 s" });
    await eventually("what ran before runs again", async () => addresses().join() === "10.9.0.101");
    t.deepEqual(await kindsOf(duet), ["rolled_back"]);
    t.deepEqual(
      (await eventsOf(duet)).map((event) => event.kind === "confirmation" && event.what),
      ["waiting", "rolled_back"],
    );
    const late = await command("confirm");
    t.is(late.code, 1);
    t.regex(late.output, /the last one was not confirmed in time and was rolled back/);

    t.is((await command("reload", "--confirm", "1h")).code, 0);
    t.deepEqual(addresses(), ["10.9.0.102"]);
    t.regex((await duet.status()).confirmation?.until ?? "", /^\d{4}-/);
    t.regex(
      (await command("status")).output,
      /^waiting for confirmation until \d{4}-.*duet confirm/m,
    );
    const again = await command("reload");
    t.is(again.code, 0);
    t.regex(again.output, /^not confirmed yet/, "a reload is no confirmation");
    t.deepEqual(await command("confirm"), { code: 0, output: "" });
    t.is((await duet.status()).confirmation, null);
    t.deepEqual(await kindsOf(duet), []);
    t.false(existsSync(join(duet.runDir, "confirmed.json")));

    duet.write(withVip(103));
    t.is((await command("reload", "--confirm", "1h")).code, 0);
    t.deepEqual(addresses(), ["10.9.0.103"]);
    killAtOnce(duet);
    await duet.ended;
    const next = await startDuet(t, "", { runDir: duet.runDir, file: duet.file });
    await next.becomes("MASTER");
    t.deepEqual(addresses(), ["10.9.0.102"]);
    t.deepEqual(await kindsOf(next), ["rolled_back"]);
    t.like(await next.said({ msg: "configuration rolled back" }), {
      cause: "duet ended before it was confirmed",
    });
    t.deepEqual(await command("reload"), { code: 0, output: "" });
    t.deepEqual(addresses(), ["10.9.0.103"], "the file that is there, as at any reload");
    t.deepEqual(await kindsOf(next), []);

    t.is((await command("reload", "--confirm", "soon")).code, 2);
  },
);

async function kindsOf(duet: Duet): Promise<readonly string[]> {
  const kinds = (await duet.status()).degraded.map(({ kind }) => kind);
  return kinds.filter((kind) => ["rolled_back", "reload_refused", "file_differs"].includes(kind));
}

async function eventsOf({ runDir }: Duet): Promise<readonly Event[]> {
  const reply = await request({ runDir, method: "GET", path: "/v1/events", timeoutMs: 10_000 });
  const events = reply.ok ? (reply.body as readonly Event[]) : [];
  return events.filter(({ kind }) => kind === "confirmation");
}

function addresses(): readonly string[] {
  const listed = pair.here.run(`ip -o -4 address show dev ${HERE.device}`);
  return [...listed.matchAll(/inet (10\.9\.0\.10\d)\/24/g)].map(([, address = ""]) => address);
}
