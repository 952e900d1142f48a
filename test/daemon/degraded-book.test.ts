import test from "ava";
import type { Event } from "../../src/control/events.ts";
import { type DegradedBook, openDegradedBook } from "../../src/daemon/process/degraded-book.ts";
import { memoryLog } from "../helpers/sockets.ts";

test("a reason is told once when it comes and once when it goes", (t) => {
  const { book, events, lines } = open();
  for (let i = 0; i < 3; i++) book.set("instance_fault", "VI_1", "FAULT: interface_down");
  const [entry] = book.list();
  t.like(entry, { kind: "instance_fault", subject: "VI_1", text: "FAULT: interface_down" });
  for (let i = 0; i < 3; i++) book.set("instance_fault", "VI_1", null);
  t.deepEqual(book.list(), []);
  const about = { kind: "degraded", what: "instance_fault", subject: "VI_1" } as const;
  const cause = "FAULT: interface_down";
  t.like(events, [
    { ...about, begins: true, since: entry?.since, cause },
    { ...about, begins: false, since: entry?.since, cause },
  ]);
  t.is(events.length, 2);
  t.like(lines, [
    { level: 40, msg: "degraded", kind: "instance_fault", subject: "VI_1", cause },
    { level: 30, msg: "degraded no more", subject: "VI_1", since: entry?.since },
  ]);
  t.is(lines.length, 2);
});

test("another text is shown and keeps its since, and is no news", (t) => {
  const { book, events } = open();
  book.set("instance_fault", "VI_1", "FAULT: interface_down");
  const since = book.list()[0]?.since;
  book.set("instance_fault", "VI_1", "FAULT: interface_missing");
  t.like(book.list(), [{ since, text: "FAULT: interface_missing" }]);
  t.is(events.length, 1);
});

test("what is quiet is listed, and told when it is no longer to be expected", (t) => {
  const { book, events } = open();
  book.set("no_quorum", "web", "live weight 0, quorum 1", { quiet: true });
  book.set("no_quorum", "mail", "live weight 0, quorum 1", { quiet: true });
  t.is(book.list().length, 2);
  book.set("no_quorum", "mail", null);
  t.deepEqual(events, []);
  const since = book.list()[0]?.since;
  book.set("no_quorum", "web", "live weight 0, quorum 1");
  t.like(events, [{ subject: "web", begins: true, since }]);
  t.is(events.length, 1);
});

test("setAll() ends the subjects that are not named, of this kind only", (t) => {
  const { book } = open();
  book.set("instance_fault", "web", "FAULT: interface_down");
  book.setAll(
    "service_error",
    new Map([
      ["web", "ENOENT"],
      ["mail", "ENOENT"],
    ]),
  );
  book.setAll("service_error", new Map([["mail", "EPERM"]]));
  t.like(book.list(), [
    { kind: "instance_fault", subject: "web" },
    { kind: "service_error", subject: "mail", text: "EPERM" },
  ]);
  t.is(book.list().length, 2);
});

function open(): {
  readonly book: DegradedBook;
  readonly events: readonly Event[];
  readonly lines: readonly Record<string, unknown>[];
} {
  const { log, lines } = memoryLog();
  const events: Event[] = [];
  return {
    book: openDegradedBook({ log, tell: (event) => void events.push(event) }),
    events,
    lines,
  };
}
