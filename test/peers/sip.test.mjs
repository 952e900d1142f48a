// Kamailio, by datagrams and over TCP.

import { testDebianServer } from "../../build/test/helpers/debian-server.js";

testDebianServer("sip: Kamailio", {
  package: "kamailio",
  ports: ["sip"],
  files: ({ address, ports }) => ({
    "kamailio.cfg": `#!KAMAILIO
log_stderror=yes
children=1
tcp_children=1
listen=udp:${address}:${ports.sip}
listen=tcp:${address}:${ports.sip}
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "textops.so"
request_route {
  if (is_method("OPTIONS") && uri == myself) sl_send_reply("200", "Keepalive");
  else sl_send_reply("404", "Not here");
}
`,
  }),
  prepare: ({ directory }) => [["chown", "nobody", directory]],
  command: ({ directory }) => [
    ..."kamailio -DD -E -u nobody -g nogroup -Y".split(" "),
    directory,
    "-f",
    `${directory}/kamailio.cfg`,
  ],
  cases: () =>
    ["udp", "tcp"].flatMap((transport) => {
      const sip = ["type = sip", `transport = ${transport}`];
      const elsewhere = [...sip, "to = sip:nobody@elsewhere.test", "from = sip:lb1@sip.test"];
      return [
        ["sip", sip, "UP 200 Keepalive"],
        ["sip", elsewhere, "wrong_status: 404 Not here, wanted 200-299"],
        ["sip", [...elsewhere, "status = 404"], "UP 404 Not here"],
      ];
    }),
});
