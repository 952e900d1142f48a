import test from "ava";
import type { Event } from "../../src/control/events.ts";
import { eventLine, type ServerNames } from "../../src/desk/event-lines.ts";

const names: ServerNames = {
  virtualServer: (name) => (name === "web" ? "[10.0.0.1]:tcp:80" : null),
  realServer: (service, name) => (service === "web" && name === "rs1" ? "[10.0.1.1]:tcp:80" : null),
};
const at = "2026-01-01T00:00:00.000Z";
const instance = { at, instance: "VI_1", from: "BACKUP", cause: "x", priority: 150 } as const;

function line(event: Event, priorities = false): string | undefined {
  return eventLine(event, names, { priorities })?.line;
}

for (const to of ["MASTER", "BACKUP", "FAULT", "STOP", "DELETED"] as const) {
  test(`eventLine() of an instance that is ${to} is keepalived's, byte for byte`, (t) => {
    t.is(line({ kind: "instance_state", ...instance, to }), `INSTANCE "VI_1" ${to} 150\n`);
  });
}

test("eventLine() of a sync group has priority 0", (t) => {
  const event = { kind: "group_state", at, group: "G1", from: "MASTER", to: "BACKUP" } as const;
  t.is(line({ ...event, cause: "x" }), 'GROUP "G1" BACKUP 0\n');
});

test("eventLine() of a lower master that was heard tells our priority", (t) => {
  const event = { kind: "rx_lower_priority", at, instance: "VI_1", priority: 150 } as const;
  const text = line({ ...event, source: "10.0.0.9", their_priority: 10 });
  t.is(text, 'INSTANCE "VI_1" MASTER_RX_LOWER_PRI 150\n');
});

test("eventLine() of a priority is for who asked, and only of a MASTER or BACKUP", (t) => {
  const event = { kind: "priority", at, instance: "VI_1", from: 150, to: 90 } as const;
  t.is(line({ ...event, state: "MASTER" }), undefined);
  t.is(line({ ...event, state: "MASTER" }, true), 'INSTANCE "VI_1" MASTER_PRIORITY 90\n');
  t.is(line({ ...event, state: "BACKUP" }, true), 'INSTANCE "VI_1" BACKUP_PRIORITY 90\n');
  t.is(line({ ...event, state: "FAULT" }, true), undefined);
});

test("eventLine() of virtual and real servers ends in one line feed, without keepalived's NUL", (t) => {
  const quorum = { kind: "quorum", at, virtual_server: "web", cause: "x" } as const;
  t.is(line({ ...quorum, to: "UP" }), "VS [10.0.0.1]:tcp:80 UP\n");
  const server = { ...quorum, kind: "real_server_state", real_server: "rs1" } as const;
  t.is(line({ ...server, to: "DOWN" }), "RS [10.0.1.1]:tcp:80 [10.0.0.1]:tcp:80 DOWN\n");
  t.is(line({ ...server, real_server: "gone", to: "DOWN" }), undefined);
});
