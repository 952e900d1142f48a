// What is written for a failover, or for a server that fails, and does not help then: told, with the why, and valid all the same.

import test from "ava";
import { writtenIn } from "../../src/config/foreign/front-ends.ts";
import { configOf, INSTANCE, linesOf, problemsOf, SERVICE } from "./helpers.ts";

const SECOND = INSTANCE.replaceAll("VI_1", "VI_2")
  .replace("= 51", "= 52")
  .replace("0.100", "1.100");
const PAIR_OF = (first: string, second: string): string =>
  `${INSTANCE}${first}\n${SECOND}${second}\n[vrrp_sync_group.G]\ngroup[] = VI_1\ngroup[] = VI_2\n`;
const SERVED = `${SERVICE}[real_server.web.rs2]\naddress = 10.0.0.22:80\n`;
const CHECKED = (more: string): string =>
  `[check.c]\ntype = tcp\n[virtual_server.web]\naddress = 10.0.0.100:80\nprotocol = tcp\ncheck[] = c\n${more}\n[real_server.web.rs1]\naddress = 10.0.0.21:80\n`;
const BOUND =
  'until they were away for persistence_timeout 50: add "lvs_sysctl[] = expire_quiescent_template 1" to [global], or leave it out, so that a failed server leaves the table';
const NOBODY = "without notification_email[], it is ignored: nobody gets mail";

const cases: readonly (readonly [title: string, text: string, says: readonly string[]])[] = [
  [
    "a peer that is an address of this machine",
    `${INSTANCE}unicast_peer[] = 10.0.0.1\n`,
    [
      "5: warning: unicast_peer 10.0.0.1 of [vrrp_instance.VI_1] is an address of this machine: the other node hears no advert that goes there (it must be an address of the other node)",
    ],
  ],
  [
    "a peer that is a virtual address",
    `${INSTANCE}unicast_peer[] = 10.0.1.100\n${SECOND}`,
    [
      "5: warning: unicast_peer 10.0.1.100 of [vrrp_instance.VI_1] is a virtual address, which is on the master itself: the other node hears no advert that goes there (it must be an address of the other node)",
    ],
  ],
  ["a peer that is somebody else", `${INSTANCE}unicast_peer[] = 10.0.0.2\n`, []],
  [
    "preempt_delay of a MASTER",
    `${INSTANCE}state = MASTER\npriority = 150\npreempt_delay = 5\n`,
    [
      "7: warning: Cannot keep preempt_delay with state MASTER, it is ignored: it is for instances with state = BACKUP on both nodes",
    ],
  ],
  [
    "preempt_delay with nopreempt",
    `${INSTANCE}nopreempt\npreempt_delay = 5\n`,
    [
      "6: warning: Cannot keep preempt_delay with nopreempt, it is ignored: there is no preemption to wait for",
    ],
  ],
  ["preempt_delay of a BACKUP", `${INSTANCE}preempt_delay = 5\n`, []],
  [
    "members of a sync group with different priorities",
    PAIR_OF("priority = 150", "priority = 90"),
    [
      "12: warning: [vrrp_sync_group.G] has members of different priorities (VI_1 150, VI_2 90), which are MASTER together: the other node has to be above all of them, or below all",
    ],
  ],
  [
    "nopreempt of one member",
    PAIR_OF("nopreempt", "priority = 100"),
    [
      "5: warning: nopreempt of [vrrp_instance.VI_1] has no effect in [vrrp_sync_group.G]: VI_2 preempts, and takes all members with it",
    ],
  ],
  ["members that are alike", PAIR_OF("nopreempt", "nopreempt"), []],
  [
    "persistence that binds clients to a server that failed",
    CHECKED("persistence_timeout = 50\ninhibit_on_failure = yes"),
    [
      `8: warning: inhibit_on_failure of [virtual_server.web] keeps bound clients on a server that failed ${BOUND}`,
    ],
  ],
  [
    "the same of one real server",
    `${CHECKED("persistence_timeout = 50")}inhibit_on_failure = yes\n`,
    [
      `10: warning: inhibit_on_failure of [virtual_server.web] keeps bound clients on a server that failed ${BOUND}`,
    ],
  ],
  [
    "persistence that ends with the weight",
    `[global]\nlvs_sysctl[] = expire_quiescent_template 1\n${CHECKED("persistence_timeout = 50\ninhibit_on_failure = yes")}`,
    [],
  ],
  ["weight 0 without persistence", CHECKED("inhibit_on_failure = yes"), []],
  [
    "what is said of failures without a check",
    SERVED.replace("tcp\n", "tcp\nalpha = yes\n") + "inhibit_on_failure = yes\n",
    [
      "4: warning: Cannot make use of alpha in [virtual_server.web]: without check[] a real server never fails",
      "9: warning: Cannot make use of inhibit_on_failure in [real_server.web.rs2]: without check[] a real server never fails",
    ],
  ],
  [
    "real servers of weight 0 alone",
    `${SERVICE}weight = 0\n`,
    ["1: warning: All real servers of [virtual_server.web] have weight 0: clients are refused"],
  ],
  ["one of weight 0 among others", `${SERVED}weight = 0\n`, []],
  [
    "a sorry server that is a real server",
    SERVED.replace("tcp\n", "tcp\nsorry_server = 10.0.0.22:80\n"),
    [
      "4: warning: The sorry_server 10.0.0.22 is [real_server.web.rs2] (line 7) too: it takes over when that has failed",
    ],
  ],
  [
    "a sorry server that is the VIP",
    SERVED.replace("tcp\n", "tcp\nsorry_server = 10.0.0.100:81\n"),
    [
      "4: warning: The sorry_server 10.0.0.100 of [virtual_server.web] is a virtual address: the director would send to itself (it must be the server's own address)",
    ],
  ],
  [
    "omega that tells nobody",
    CHECKED("omega"),
    [
      "7: warning: Cannot make use of omega in [virtual_server.web]: there is nobody to tell (quorum_down, notify_down, a FIFO or notification_email)",
    ],
  ],
  ["omega with a hook", CHECKED("omega\nquorum_down = /bin/true"), []],
  [
    "mail to nobody",
    `[global]\nsmtp_alert = yes\nsmtp_alert_vrrp = yes\n${INSTANCE}smtp_alert = yes\n${CHECKED("smtp_alert = yes")}`,
    [
      `2: warning: Cannot use smtp_alert ${NOBODY}`,
      `3: warning: Cannot use smtp_alert_vrrp ${NOBODY}`,
      `8: warning: Cannot use smtp_alert ${NOBODY}`,
      `15: warning: Cannot use smtp_alert ${NOBODY}`,
    ],
  ],
  [
    "mail to readers of one service",
    `[global]\nsmtp_alert = yes\n${CHECKED("smtp_alert = yes\nnotification_email[] = a@b")}`,
    [],
  ],
  ["no mail to nobody", `[global]\nsmtp_alert = no\n${INSTANCE}`, []],
];

for (const [title, text, says] of cases) {
  test(`duet check tells of ${title}${says.length === 0 ? ": nothing" : ""}`, (t) => {
    t.deepEqual(linesOf(text), says);
    t.notThrows(() => configOf(text));
  });
}

test("an address without a prefix that is in no network of its interface is told", (t) => {
  const isOnLink = (device: string, address: string): boolean | undefined =>
    device === "eth9" ? undefined : address.startsWith("10.0.0.");
  const told = (line: string): readonly string[] =>
    linesOf(INSTANCE.replace("10.0.0.100/24", line), { isOnLink });
  t.deepEqual(told("10.1.0.100"), [
    "4: warning: 10.1.0.100 of [vrrp_instance.VI_1] is in no network of eth0, and has no prefix of its own: nobody on that network looks for it there (write it with its prefix, such as 10.1.0.100/24, unless a router has a route to it)",
  ]);
  for (const line of ["10.0.0.100", "10.1.0.100/24", "10.1.0.100 dev lo", "10.1.0.100 dev eth9"]) {
    t.deepEqual(told(line), [], line);
  }
});

test("files of keepalived and ldirectord are judged by the same rules", (t) => {
  const outside = { read: () => null, find: () => [], environment: () => undefined, configId: "h" };
  const told = (text: string): readonly string[] =>
    problemsOf(text, { scan: writtenIn("x", text, outside) }).map(({ message }) => message);
  const keepalived = `vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n priority 90\n smtp_alert\n unicast_peer {\n  10.0.0.1\n }\n virtual_ipaddress {\n  10.0.0.100/24\n }\n}\n`;
  const messages = told(keepalived);
  t.true(messages.includes(`Cannot use smtp_alert ${NOBODY}`), messages.join("\n"));
  t.true(
    messages.some((one) =>
      one.startsWith("unicast_peer 10.0.0.1 of [vrrp_instance.VI_1] is an address of this"),
    ),
  );
  const ldirectord = `quiescent=yes\nvirtual=10.0.0.100:80\n  real=10.0.0.21:80 gate\n  service=http\n  request="/"\n  persistent=50\n  protocol=tcp\n`;
  const ofServices = told(ldirectord);
  t.true(
    ofServices.some((one) => one.includes(BOUND)),
    ofServices.join("\n"),
  );
});
