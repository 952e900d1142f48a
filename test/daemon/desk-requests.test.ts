import test from "ava";
import { openRequests, type Requests } from "../../src/daemon/desk/requests.ts";
import type { RoleMessage } from "../../src/daemon/process/messages.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

test("openRequests() gives each asker the answer to its own request", async (t) => {
  const { requests, told } = bench();
  const reload = requests.ask("reload");
  const stop = requests.ask("stop");
  t.deepEqual(told, [
    { type: "request", id: 1, verb: "reload" },
    { type: "request", id: 2, verb: "stop" },
  ]);
  requests.answer(2, { ok: true, reasons: [] });
  requests.answer(1, { ok: false, reasons: ["bad"] });
  requests.answer(9, { ok: true, reasons: ["nobody asked"] });
  t.deepEqual(await reload, { ok: false, reasons: ["bad"] });
  t.deepEqual(await stop, { ok: true, reasons: [] });
});

test("openRequests() takes silence for a refusal when the limit has passed", async (t) => {
  const { requests, advance } = bench();
  const reload = requests.ask("reload");
  advance(30_000);
  t.deepEqual(await reload, {
    ok: false,
    reasons: ["Cannot tell how the reload ended: no answer in 30000 ms"],
  });
});

test("openRequests() refuses more than it can hold, and takes new ones when old ones are answered", async (t) => {
  const { requests, told } = bench();
  for (let i = 0; i < 16; i++) void requests.ask("reload");
  t.like(await requests.ask("reload"), { ok: false });
  t.is(told.length, 16);
  requests.answer(1, { ok: true, reasons: [] });
  void requests.ask("reload");
  t.is(told.length, 17);
});

test("openRequests() close(): a stop has succeeded, a reload has not", async (t) => {
  const { requests } = bench();
  const reload = requests.ask("reload");
  const stop = requests.ask("stop");
  requests.close();
  t.deepEqual(await stop, { ok: true, reasons: [] });
  t.deepEqual(await reload, { ok: false, reasons: ["Cannot reload: duet stops"] });
});

function bench(): {
  readonly requests: Requests;
  readonly told: RoleMessage[];
  readonly advance: (ms: number) => void;
} {
  const told: RoleMessage[] = [];
  const { clock, advance } = virtualClock();
  const tell = (message: RoleMessage): void => void told.push(message);
  return { requests: openRequests({ tell, clock, limitMs: 30_000 }), told, advance };
}
