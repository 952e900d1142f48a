import { connect } from "node:net";
import test from "ava";
import { attempt, dropSocket } from "../../../src/check/probes/attempt.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";

test("dropSocket() does not wait for a connection that never comes", (t) => {
  const socket = connect({ host: "never.test", port: 9, lookup: () => {} });
  t.true(socket.connecting);
  dropSocket(socket);
  t.true(socket.destroyed);
});

test("attempt() ends once, with the first outcome, and releases once", async (t) => {
  const { clock, advance } = virtualClock();
  const { signal } = new AbortController();
  let released = 0;
  const result = await attempt({ timeoutMs: 100, signal, clock }, (end) => {
    queueMicrotask(() => {
      end({ ok: true, detail: "first" });
      end({ ok: false, cause: "bad_response", detail: "second" });
      advance(1000);
    });
    return () => {
      released += 1;
    };
  });
  t.like(result, { ok: true, detail: "first" });
  t.is(released, 1);
});

test("attempt() releases what ended while it began", async (t) => {
  const { clock } = virtualClock();
  const { signal } = new AbortController();
  let released = 0;
  await attempt({ timeoutMs: 100, signal, clock }, (end) => {
    end({ ok: true, detail: "at once" });
    return () => {
      released += 1;
    };
  });
  t.is(released, 1);
});

test("attempt() keeps a detail short", async (t) => {
  const { clock } = virtualClock();
  const { signal } = new AbortController();
  const result = await attempt({ timeoutMs: 100, signal, clock }, (end) => {
    end({ ok: true, detail: "x".repeat(10_000) });
    return () => {};
  });
  t.is(result.detail.length, 200);
});
