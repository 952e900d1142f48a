import test from "ava";
import { durationText, statusText } from "../../src/cli/status-text.ts";
import {
  faultInstance,
  masterInstance,
  statusWith,
  vrrpSilent,
  webServer,
} from "../helpers/desk-fixtures.ts";

const now = "2026-01-01T00:02:05.000Z";

test("statusText() shows instances with their state, master and why", (t) => {
  const text = statusText(statusWith({ vrrp_instances: [masterInstance, faultInstance] }), now);
  t.is(
    text,
    lines(`
    OK
    duet 0.1.0 on lb1, up 2m 5s

    Instance      Interface  VRID  State     Prio  Master                   Since      Why
    VI_1          eth0         51  MASTER  90/150  172.17.253.97 (prio 90)  2m 5s ago  master_down_timer
      addresses  172.17.253.110/24, 172.17.253.111/24
    VI_long_name  eth0          7  FAULT      150  -                        2d 0h ago  fault
      addresses  172.17.253.110/24, 172.17.253.111/24
      FAULT      interface_down
      FAULT      check-nginx.sh: exit status 3
  `),
  );
});

test("statusText() gives a terminal nothing to obey of what servers, hooks and other nodes said", (t) => {
  const evil = "\u001b[2J\u009b1m\nOK\u202e";
  const [server] = webServer.real_servers;
  const checks = (server?.checks ?? []).map((each) => ({ ...each, last_detail: evil }));
  const real_servers = server === undefined ? [] : [{ ...server, checks }];
  const status = statusWith({
    virtual_servers: [{ ...webServer, real_servers }],
    vrrp_instances: [{ ...faultInstance, faults: [evil], cause: evil }],
    degraded: [{ kind: "hook_failed", subject: evil, since: now, text: evil }] as never,
  });
  const text = statusText(status, now);
  t.notRegex(text.replaceAll("\n", ""), /[\p{Cc}\p{Bidi_Control}]/u);
  t.false(text.split("\n").some((line) => line.startsWith("OK")));
  t.true(text.includes(String.raw`\x1b[2J\x9b1m\nOK\u202e`));
});

test("statusText() lists virtual servers as ipvsadm -Ln does, with states and checks", (t) => {
  const text = statusText(statusWith({ virtual_servers: [webServer] }), now);
  t.is(
    text,
    lines(`
    OK
    duet 0.1.0 on lb1, up 2m 5s

    Prot LocalAddress:Port Scheduler Flags
      -> RemoteAddress:Port  Forward  Weight  ActiveConn  InActConn  State  Name
    TCP  172.17.253.110:80 wrr persistent 50 (web)
      -> 172.17.253.140:80   Route    2       12          345        UP     rs1
           ok_page (http) UP, ok: 200 in 1.2 ms, 2s ago
      -> 172.17.253.193:80   Route    0/2     0           0          DOWN   rs2
           ok_page (http) DOWN, no result yet
  `),
  );
});

test("statusText() warns of a real server that cannot work", (t) => {
  const warning = "DR needs 10.0.1.2 in a network of this director";
  const real_servers = webServer.real_servers.map((each) => ({ ...each, warning }));
  const text = statusText(statusWith({ virtual_servers: [{ ...webServer, real_servers }] }), now);
  t.is(text.match(new RegExp(`^ +WARNING: ${warning}$`, "gm"))?.length, 2);
});

test("statusText() says since when and why a real server is DOWN", (t) => {
  const why = { since: "2026-01-01T00:00:00.000Z", cause: "ok_page: wrong_status (503)" };
  const real_servers = webServer.real_servers.map((each) => ({ ...each, ...why }));
  const text = statusText(
    statusWith({ virtual_servers: [{ ...webServer, real_servers }] }),
    "2026-01-01T00:00:05.000Z",
  );
  t.deepEqual(
    text.split("\n").filter((line) => line.includes("since")),
    ["       DOWN since 2026-01-01T00:00:00.000Z (5s ago): ok_page: wrong_status (503)"],
  );
});

test("statusText() says what is wrong: silent roles, restarts, lost quorum, errors, failed hooks", (t) => {
  const text = statusText(
    statusWith({
      degraded: [vrrpSilent],
      processes: [{ role: "director", pid: 12, restarts: 3 }],
      vrrp_sync_groups: [{ name: "G1", state: "FAULT", members: ["VI_1", "VI_2"] }],
      virtual_servers: [
        {
          ...webServer,
          address: null,
          protocol: null,
          fwmark: 99,
          persistence_timeout_s: null,
          quorum: 3,
          quorum_up: false,
          sorry_server_active: true,
          error: "Cannot add the service: ENOENT",
          real_servers: [],
        },
      ],
      hooks: [
        {
          instance: "VI_1",
          running: null,
          skipped: 0,
          results: [
            result("notify_master", true, "exit status 0"),
            result("notify", false, "exit status 2"),
          ],
        },
      ],
    }),
    now,
  );
  t.is(
    text,
    lines(`
    DEGRADED:
      vrrp: it does not answer (role_silent, 5s ago)
    duet 0.1.0 on lb1, up 2m 5s
    director (pid 12) restarted 3x

    Group G1 FAULT: VI_1, VI_2

    Hook notify of VI_1 failed at MASTER: exit status 2, 1s ago

    Prot LocalAddress:Port Scheduler Flags
      -> RemoteAddress:Port  Forward  Weight  ActiveConn  InActConn  State  Name
    FWM  99 wrr (web) sorry server active
      DOWN: less live weight than quorum 3
      ERROR: Cannot add the service: ENOENT
  `),
  );
});

test("durationText() says the two largest units, and never a negative time", (t) => {
  const said = [-5, 0, 999, 59_999, 60_000, 3_600_000, 90_061_000].map(durationText);
  t.deepEqual(said, ["0s", "0s", "0s", "59s", "1m 0s", "1h 0m", "1d 1h"]);
});

function result(hook: string, ok: boolean, detail: string) {
  return { hook, state: "MASTER", at: "2026-01-01T00:02:04.000Z", ok, detail, took_ms: 3 };
}

/** A text block without its indentation. */
function lines(block: string): string {
  return block
    .split("\n")
    .slice(1, -1)
    .map((line) => line.slice(4))
    .join("\n");
}
