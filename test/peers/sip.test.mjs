// The check of SIP against Kamailio, on a high port of 127.0.0.1, as nobody.

import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, writeFileSync } from "node:fs";
import test from "ava";
import { probe } from "../../build/src/check/probes/index.js";
import { timeoutClock } from "../../build/src/lib/clock.js";
import { commonCheck } from "../../build/test/helpers/checks.js";
import { accepting, startProgram } from "../../build/test/helpers/programs.js";
import { refusedPort } from "../../build/test/helpers/servers.js";
import { temporaryDirectory } from "../../build/test/helpers/sockets.js";

const NOBODY = 65534;

test("sip: Kamailio", async (t) => {
  t.timeout(60_000);
  t.log(execFileSync("kamailio", ["-v"]).toString().split("\n")[0]);
  const directory = temporaryDirectory(t);
  chmodSync(directory, 0o755);
  chownSync(directory, NOBODY, NOBODY);
  const port = await refusedPort();
  writeFileSync(`${directory}/kamailio.cfg`, configuration(port), { mode: 0o644 });
  t.like(await ask(port, "udp"), { ok: false, cause: "connect_refused" });
  t.like(await ask(port, "tcp"), { ok: false, cause: "connect_refused" });

  const drop = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--"];
  const file = ["-f", `${directory}/kamailio.cfg`, "-Y", directory];
  const server = startProgram(t, "setpriv", [...drop, "kamailio", "-DD", "-E", ...file]);
  // It ends its own processes when it is told to.
  t.teardown(async () => {
    if (server.child.exitCode !== null) return;
    server.child.kill("SIGTERM");
    await new Promise((resolve) => server.child.on("exit", resolve));
  });
  await accepting(port, server);

  for (const transport of ["udp", "tcp"]) {
    t.like(await ask(port, transport), { ok: true, detail: "200 Keepalive" }, transport);
    const elsewhere = { to: "sip:nobody@elsewhere.test", from: "sip:lb1@sip.test" };
    t.like(await ask(port, transport, elsewhere), {
      ok: false,
      cause: "wrong_status",
      detail: "404 Not here, wanted 200",
    });
    t.like(await ask(port, transport, { ...elsewhere, status: [[404, 404]] }), { ok: true });
  }
});

function configuration(port) {
  return `#!KAMAILIO
log_stderror=yes
children=1
tcp_children=1
listen=udp:127.0.0.1:${port}
listen=tcp:127.0.0.1:${port}
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "textops.so"
request_route {
  if (is_method("OPTIONS") && uri == myself) sl_send_reply("200", "Keepalive");
  else sl_send_reply("404", "Not here");
}
`;
}

async function ask(port, transport, more = {}) {
  const config = {
    ...commonCheck,
    type: "sip",
    timeoutMs: 10_000,
    transport,
    tls: null,
    to: null,
    from: null,
    status: [[200, 200]],
    ...more,
  };
  const context = { signal: new AbortController().signal, clock: timeoutClock };
  return probe({ address: "127.0.0.1", port }, config, context);
}
