import test from "ava";
import { openRestarts } from "../../src/daemon/guardian/restarts.ts";
import { openDegradedBook } from "../../src/daemon/process/degraded-book.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const director = { role: "director", pid: () => 7, restarts: () => 2 } as const;

test("a role that died is a reason for ten minutes, with what it died of; the last death is kept", (t) => {
  const { clock, advance } = virtualClock();
  const book = openDegradedBook({ log: memoryLog().log, tell: () => {} });
  const restarts = openRestarts({ clock, book });
  restarts.died("director", "SIGKILL");
  t.like(book.list(), [{ kind: "role_restarted", subject: "director" }]);
  t.regex(book.list()[0]?.text ?? "", /^died at .*: SIGKILL$/);
  advance(300_000);
  restarts.died("director", "exit status 1");
  advance(599_000);
  t.regex(book.list()[0]?.text ?? "", /exit status 1$/);
  advance(1000);
  t.deepEqual(book.list(), []);
  t.like(restarts.statusOf(director), [{ pid: 7, last_death: { how: "exit status 1" } }]);
  t.deepEqual(restarts.statusOf({ ...director, pid: () => undefined }), []);
});

test("a role that a reload takes away is forgotten", (t) => {
  const { clock } = virtualClock();
  const book = openDegradedBook({ log: memoryLog().log, tell: () => {} });
  const restarts = openRestarts({ clock, book });
  restarts.died("director", "SIGKILL");
  restarts.forget("director");
  t.deepEqual(book.list(), []);
  t.like(restarts.statusOf(director), [{ restarts: 2, last_death: null }]);
});
