// Values that are odd, that keepalived runs all the same, and that users have in their files: each is a warning that says
// what it comes to, and the configuration is what it says.

import test from "ava";
import type { Config } from "../../src/config/model.ts";
import { printConfig } from "../../src/config/print.ts";
import { configOf, INSTANCE, linesOf, SERVICE } from "./helpers.ts";

type Row = {
  readonly title: string;
  readonly text: string;
  readonly says: readonly string[];
  readonly means: (config: Config) => unknown;
  readonly is: unknown;
};

const MARKED = SERVICE.replace("address = 10.0.0.100:80\nprotocol = tcp", "fwmark = 5");

const rows: readonly Row[] = [
  {
    title: "a password longer than an advert has room for",
    text: `${INSTANCE}auth_pass = 123456789\n`,
    says: [
      '5: warning: auth_pass "…": only its first 8 bytes count, all that an advert has room for (auth_hmac_key[] takes more)',
    ],
    means: ({ vrrpInstances: [one] }) => one?.vrrp.auth.password,
    is: "123456789",
  },
  {
    title: "priority 255 without owning the address",
    text: `${INSTANCE}priority = 255\n`,
    says: [
      "5: warning: priority 255 is for the owner of the addresses, and 10.0.0.100 is no address of this machine: it is MASTER at its start without asking, takes back always, and no weight moves it (use 1 to 254)",
    ],
    means: ({ vrrpInstances: [one] }) => one?.vrrp.priority,
    is: 255,
  },
  {
    title: "its own interface tracked",
    text: `${INSTANCE}track_interface[] = eth0 weight -20\ntrack_interface[] = eth1\n`,
    says: [
      "5: warning: track_interface eth0 is ignored: it is this instance's own, which counts anyway (and never by a weight)",
    ],
    means: ({ vrrpInstances: [one] }) => one?.tracking.uses.map(({ name }) => name),
    is: ["eth1"],
  },
  {
    title: "prefix lengths on addresses of adverts",
    text: `${INSTANCE}unicast_src_ip = 10.0.0.1/24\nunicast_peer[] = 10.0.0.2/24 min_ttl 5\n`,
    says: [
      '5: warning: unicast_src_ip "10.0.0.1/24": the /24 is ignored: this is one address, 10.0.0.1',
      '6: warning: unicast_peer "10.0.0.2/24 min_ttl 5": the /24 is ignored: this is one address, 10.0.0.2',
    ],
    means: ({ vrrpInstances: [one] }) => [
      one?.way.source,
      one?.way.peers.map(({ address, ttlMin }) => `${address} ${ttlMin}`),
    ],
    is: ["10.0.0.1", ["10.0.0.2 5"]],
  },
  {
    title: "notify twice",
    text: `${INSTANCE}notify = /bin/first\nnotify = /bin/second\n`,
    says: ["6: warning: Cannot use notify twice, this one is ignored: line 5 has it already"],
    means: ({ vrrpInstances: [one] }) => one?.hooks.notify,
    is: "/bin/first",
  },
  {
    title: "mail for somebody who has no @",
    text: `[global]\nnotification_email[] = root\nnotification_email_from = duet\n${INSTANCE}`,
    says: [
      '2: warning: notification_email "root": it has no @, so the mail server decides whom it means',
      '3: warning: notification_email_from "duet": it has no @, so the mail server decides whom it means',
    ],
    means: ({ notify: { mail } }) => [mail?.to, mail?.from],
    is: [["root"], "duet"],
  },
  {
    title: "quorum 0, and a hysteresis that is not less",
    text: SERVICE.replace("tcp", "tcp\nquorum = 0\nhysteresis = 2"),
    says: [
      "4: warning: Cannot use quorum 0, 1 is used: without a real server nothing is served",
      "5: warning: Cannot use hysteresis 2 with quorum 1, 0 is used: it must be less than the quorum",
    ],
    means: ({ virtualServers: [one] }) => [one?.quorum, one?.hysteresis],
    is: [1, 0],
  },
  {
    title: "port 0 of a real server behind a firewall mark",
    text: MARKED.replace("21:80", "21:0"),
    says: [
      '4: warning: address "10.0.0.21:0": port 0 is no port, and the same as none: leave it out',
    ],
    means: destination,
    is: "10.0.0.21 0",
  },
  {
    title: "a real server without a port behind NAT",
    text: SERVICE.replace("21:80", "21"),
    says: ["5: warning: The real server 10.0.0.21 has no port, so that of the service is used: 80"],
    means: destination,
    is: "10.0.0.21 80",
  },
  {
    title: "another port than the service's with DR",
    text: SERVICE.replace("21:80", "21:8080").replace("tcp", "tcp\nlb_kind = DR"),
    says: ["6: warning: Cannot use port 8080 with DR, 80 is used: only NAT can change the port"],
    means: destination,
    is: "10.0.0.21 80",
  },
];

function destination({ virtualServers: [one] }: Config): string {
  const { address, port } = one?.realServers[0]?.destination ?? {};
  return `${address} ${port}`;
}

for (const { title, text, says, means, is } of rows) {
  test(`a warning that says what it comes to: ${title}`, (t) => {
    t.deepEqual(linesOf(text), says);
    const config = configOf(text);
    t.deepEqual(means(config), is);
    t.deepEqual(means(configOf(printConfig(config))), is, "printConfig() reads as the same");
  });
}

test("an odd value of a list does not lose its neighbours", (t) => {
  const text = `${INSTANCE}unicast_peer[] = 10.0.0.2\nunicast_peer[] = 10.0.0.3/24\nunicast_peer[] = 10.0.0.3/25\n`;
  t.deepEqual(linesOf(text), [
    '6: warning: unicast_peer "10.0.0.3/24": the /24 is ignored: this is one address, 10.0.0.3',
    '7: warning: unicast_peer "10.0.0.3/25": the /25 is ignored: this is one address, 10.0.0.3',
    "7: Cannot use unicast_peer 10.0.0.3 twice: line 6 has it already",
  ]);
});

test("what cannot be one address is refused, with a length or without", (t) => {
  for (const written of ["10.0.0.2/33", "10.0.0.2/", "10.0.0.2/24/8", "10.0.0.2/x", "10.0.0/24"]) {
    const [line = ""] = linesOf(
      `${INSTANCE}unicast_src_ip = ${written}\nunicast_peer[] = 10.0.0.9\n`,
    );
    t.true(line.startsWith(`5: Cannot use unicast_src_ip "${written}": it must be`), line);
  }
});
