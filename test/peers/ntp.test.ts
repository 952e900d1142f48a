// chrony, which follows nobody and leaves the clock alone (-x).

import { type DebianServer, testDebianServer } from "../helpers/debian-server.ts";

function chrony(more: string, cases: DebianServer<"ntp">["cases"]): DebianServer<"ntp"> {
  return {
    package: "chrony",
    ports: ["ntp"],
    files: ({ directory, address, ports }) => ({
      "chrony.conf": `bindaddress ${address}
port ${ports.ntp}
cmdport 0
bindcmdaddress /
pidfile ${directory}/pid
allow
${more}
`,
    }),
    command: ({ directory }) => [
      ..."chronyd -d -x -u root -f".split(" "),
      `${directory}/chrony.conf`,
    ],
    cases,
  };
}

testDebianServer(
  "ntp: chrony with a clock",
  chrony("local stratum 5", () => [
    ["ntp", ["type = ntp"], "UP stratum 5"],
    ["ntp", ["type = ntp", "stratum_max = 5"], "UP stratum 5"],
    ["ntp", ["type = ntp", "stratum_max = 4"], "bad_response: stratum 5, wanted at most 4"],
    ["ntp", ["type = dns", "timeout = 0.3"], "timeout: no answer in 300 ms"],
  ]),
);

testDebianServer(
  "ntp: chrony without a clock",
  chrony("", () => [
    ["ntp", ["type = ntp"], "bad_response: its clock is not synchronized (leap 3, stratum 0)"],
    // It speaks, at least.
    [
      "ntp",
      ["type = udp", `payload = hex:e3${"00".repeat(47)}`, "require_reply = e4"],
      "UP 48 bytes",
    ],
  ]),
);
