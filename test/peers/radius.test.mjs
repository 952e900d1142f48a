// The check of RADIUS against FreeRADIUS, on a high port of 127.0.0.1, as nobody.

import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import test from "ava";
import { probe } from "../../build/src/check/probes/index.js";
import { timeoutClock } from "../../build/src/lib/clock.js";
import { commonCheck } from "../../build/test/helpers/checks.js";
import { startProgram } from "../../build/test/helpers/programs.js";
import { temporaryDirectory } from "../../build/test/helpers/sockets.js";
import { closedUdpPort } from "../../build/test/helpers/udp-server.js";
import { until } from "../../build/test/helpers/until.js";

const NOBODY = "65534";
const login = { name: "probe", password: "a password of more than sixteen bytes" };

test("radius: FreeRADIUS", async (t) => {
  t.timeout(60_000);
  t.log(execFileSync("/usr/sbin/freeradius", ["-v"]).toString().split("\n")[0]);
  const directory = temporaryDirectory(t);
  chmodSync(directory, 0o755);
  const port = await closedUdpPort();
  writeFileSync(`${directory}/radiusd.conf`, configuration(directory, port), { mode: 0o644 });
  t.like(await ask(port), { ok: false, cause: "connect_refused" });
  const drop = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--"];
  const server = startProgram(t, "setpriv", [
    ...drop,
    "freeradius",
    "-f",
    "-d",
    directory,
    "-l",
    "stdout",
  ]);
  await until("FreeRADIUS is ready", () => server.output().includes("Ready to process requests"));

  t.like(await ask(port), { ok: true, detail: "Access-Accept" });
  t.like(await ask(port, { nasIp: "127.0.0.1" }), { ok: true });
  t.like(await ask(port, { login: null }), { ok: true, detail: "Access-Accept" });
  const wrong = { ...login, password: "wrong" };
  t.like(await ask(port, { login: wrong }), { cause: "login_failed" });
  t.like(await ask(port, { login: wrong, reply: "reject" }), { ok: true });
  t.like(await ask(port, { login: wrong, reply: "any" }), { ok: true });
  t.like(await ask(port, { reply: "reject" }), { ok: false, cause: "unexpected_answer" });
  const late = { secret: "wrong", timeoutMs: 300 };
  t.like(await ask(port, late), { ok: false, cause: "timeout" });
  t.like(await ask(port, { ...late, login: null }), { ok: false, cause: "timeout" });
});

function configuration(directory, port) {
  return `logdir = ${directory}
run_dir = ${directory}
libdir = /usr/lib/freeradius
log {
  destination = stdout
}
security {
  reject_delay = 0
  status_server = yes
}
client director {
  ipaddr = 127.0.0.1
  secret = testing123
}
modules {
  pap {
  }
}
server default {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = ${port}
  }
  authorize {
    if (&User-Name == "${login.name}") {
      update control {
        Cleartext-Password := "${login.password}"
      }
    }
    pap
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
  }
}
`;
}

async function ask(port, more = {}) {
  const config = {
    ...commonCheck,
    type: "radius",
    timeoutMs: 10_000,
    secret: "testing123",
    login,
    nasIp: null,
    nasIdentifier: "duet",
    reply: "accept",
    requireMessageAuthenticator: false,
    ...more,
  };
  const context = { signal: new AbortController().signal, clock: timeoutClock };
  return probe({ address: "127.0.0.1", port }, config, context);
}
