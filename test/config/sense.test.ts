// What can be run and is hardly meant: told, and valid all the same.

import test from "ava";
import { configOf, INSTANCE, linesOf, SERVICE } from "./helpers.ts";

const SCRIPT = "[vrrp_script.a]\nscript = /bin/true\n";
const TRACKED = `${INSTANCE}track_script[] = a\n${SCRIPT}`;
const CHECK = `${SERVICE}check[] = c\n[check.c]\ntype = https\n`;
const nobody =
  "and it is none of this machine: nobody reaches it here (add it to virtual_ipaddress[])";

const rows: readonly (readonly [title: string, text: string, says: readonly string[]])[] = [
  [
    "an address that no instance holds",
    `${INSTANCE}${SERVICE.replace("10.0.0.100:80", "10.0.0.99:80")}`,
    [`6: warning: No instance holds 10.0.0.99, the address of [virtual_server.web], ${nobody}`],
  ],
  [
    "a mark that no instance holds",
    `${INSTANCE}${SERVICE.replace("address = 10.0.0.100:80\nprotocol = tcp", "fwmark = 5\nmark[] = 10.0.0.98:80")}`,
    [`7: warning: No instance holds 10.0.0.98, a mark of [virtual_server.web], ${nobody}`],
  ],
  ["an address that an instance holds", `${INSTANCE}${SERVICE}`, []],
  ["an address of this machine", `${INSTANCE}${SERVICE.replace("0.100:80", "0.1:80")}`, []],
  ["an address without any instance: somebody else moves it", SERVICE, []],
  [
    "a real server that is the VIP",
    SERVICE.replace("10.0.0.21", "10.0.0.100"),
    [
      "5: warning: The real server 10.0.0.100 of [virtual_server.web] is a virtual address: the director would send to itself (it must be the server's own address)",
    ],
  ],
  [
    "a service without real servers",
    "[virtual_server.web]\naddress = 10.0.0.100:80\nprotocol = tcp\n",
    ["1: warning: [virtual_server.web] has no [real_server.web.NAME]: clients are refused"],
  ],
  [
    "a service with a sorry server only",
    "[virtual_server.web]\naddress = 10.0.0.100:80\nprotocol = tcp\nsorry_server = 10.0.0.9:80\n",
    [
      "1: warning: [virtual_server.web] has no [real_server.web.NAME]: its sorry_server serves always",
    ],
  ],
  ...["interval", "timeout"].map(
    (key) =>
      [
        `${key} 1000`,
        `${CHECK}${key} = 1000\n`,
        [`9: warning: ${key} 1000: that is 1000 seconds: write 1000ms or 1000s`],
      ] as const,
  ),
  ["an interval with its unit", `${CHECK}interval = 1000s\n`, []],
  ["an interval of five minutes", `${CHECK}interval = 300\n`, []],
  [
    "interval of a script",
    `${TRACKED}interval = 2000\n`,
    ["8: warning: interval 2000: that is 2000 seconds: write 2000ms or 2000s"],
  ],
  [
    "a timeout longer than the interval",
    `${CHECK}interval = 2\ntimeout = 5\n`,
    [
      "10: warning: timeout 5 is longer than interval 2: who does not answer is asked every 5 s only",
    ],
  ],
  [
    "a timeout of a script longer than its interval",
    `${TRACKED}timeout = 5\n`,
    ["8: warning: timeout 5 is longer than interval 1: runs are left out while one still goes on"],
  ],
  [
    "a port in a name",
    `${CHECK}sni_name = www.example.com:443\n`,
    [
      '9: warning: sni_name "www.example.com:443" holds a port, which is no part of a name: it must be www.example.com',
    ],
  ],
];

for (const [title, text, says] of rows) {
  test(`duet check tells of ${title}${says.length === 0 ? ": nothing" : ""}`, (t) => {
    t.deepEqual(linesOf(text), says);
    t.notThrows(() => configOf(text));
  });
}

for (const [command, word] of [
  ["/bin/a && /bin/b", "&&"],
  ["/bin/a || true", "||"],
  ["/bin/a | grep x", "|"],
  ["/bin/a > /dev/null", ">"],
  ["/bin/a >/dev/null", ">/dev/null"],
  ["/bin/a 2>&1", "2>&1"],
  ["</dev/tcp/127.0.0.1/80", "</dev/tcp/127.0.0.1/80"],
  ["/bin/a $HOME", "$HOME"],
  ["/bin/a $(pidof x)", "$(pidof"],
  ["~/check.sh", "~/check.sh"],
  ["/bin/cat ~/x", "~/x"],
] as const) {
  test(`a command that needs a shell is told: ${command}`, (t) => {
    t.deepEqual(linesOf(TRACKED.replace("/bin/true", command)), [
      `7: warning: ${JSON.stringify(command)} is run without a shell, which ${JSON.stringify(word)} needs: write sh -c '...', or put it into a script`,
    ]);
  });
}

for (const command of [
  "sh -c '/bin/a && /bin/b > /dev/null'",
  "/usr/bin/awk '{print $1}' /x",
  "/bin/a -x=~ b&c 1",
]) {
  test(`a command that needs no shell is not: ${command}`, (t) => {
    t.deepEqual(linesOf(TRACKED.replace("/bin/true", command)), []);
  });
}

test("smtp_server HOST:PORT is HOST PORT, with a warning; an IPv6 address is one", (t) => {
  const text = (server: string): string =>
    `[global]\nsmtp_server = ${server}\nnotification_email[] = a@b\n${INSTANCE}`;
  t.deepEqual(linesOf(text("mail.example.com:587")), [
    '2: warning: smtp_server "mail.example.com:587": it is read as mail.example.com 587, the port is a word of its own',
  ]);
  t.like(configOf(text("mail.example.com:587")).notify.mail, {
    host: "mail.example.com",
    port: 587,
  });
  t.like(configOf(text("2001:db8::25")).notify.mail, { host: "2001:db8::25", port: 25 });
});
