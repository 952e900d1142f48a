// Which hooks an event calls for, by the configuration's words.

import test from "ava";
import { openHookDispatch } from "../../src/daemon/desk/hooks.ts";
import type { HookState, HooksConfig, Subject } from "../../src/desk/model.ts";
import { configOf } from "../config/helpers.ts";

const TEXT = `[virtual_server.web]
address = 10.0.0.1:80
protocol = tcp
quorum_down = /bin/true lost
[real_server.web.rs1]
address = 10.0.1.1:80
notify_up = /bin/true up
notify_down = /bin/true down
[real_server.web.rs2]
address = 10.0.1.2:80
`;

type Told = readonly [subject: string, state: HookState, hooks: HooksConfig];

function dispatched(...events: Parameters<ReturnType<typeof openHookDispatch>["onEvent"]>[0][]) {
  const told: Told[] = [];
  const runner = {
    transition({ kind, name }: Subject, hooks: HooksConfig, state: HookState): void {
      told.push([`${kind} ${name}`, state, hooks]);
    },
  };
  const dispatch = openHookDispatch(runner, configOf(TEXT));
  for (const event of events) dispatch.onEvent(event);
  return told;
}

const common = { at: "2026-01-01T00:00:00.000Z", virtual_server: "web", cause: "test" } as const;

test("a real server that goes UP or DOWN has its own hooks; who has none is not looked for", (t) => {
  const kind = "real_server_state";
  const told = dispatched(
    { ...common, kind, real_server: "rs1", to: "DOWN" },
    { ...common, kind, real_server: "rs2", to: "DOWN" },
    { ...common, kind, real_server: "rs1", to: "UP" },
  );

  t.deepEqual(
    told.map(([subject, state, { notifyUp, notifyDown }]) => [
      subject,
      state,
      notifyUp,
      notifyDown,
    ]),
    [
      ["REAL_SERVER web.rs1", "SERVER_DOWN", "/bin/true up", "/bin/true down"],
      ["REAL_SERVER web.rs1", "SERVER_UP", "/bin/true up", "/bin/true down"],
    ],
  );
});

test("the quorum has those of its virtual server", (t) => {
  const told = dispatched({ ...common, kind: "quorum", to: "DOWN" });

  t.deepEqual(
    told.map(([subject, state, { quorumDown }]) => [subject, state, quorumDown]),
    [["VIRTUAL_SERVER web", "QUORUM_DOWN", "/bin/true lost"]],
  );
});
