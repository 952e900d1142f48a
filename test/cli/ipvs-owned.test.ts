import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { ownedWarning } from "../../src/cli/ipvs-owned.ts";
import { controlSocketPath } from "../../src/control/requests.ts";

const STATUS = {
  virtual_servers: [
    { protocol: "tcp", address: "10.0.0.1:80", fwmark: null },
    { protocol: null, address: null, fwmark: 99 },
    { protocol: "udp", address: "[2001:db8::1]:53", fwmark: null },
    { protocol: "sctp", address: "10.0.0.1:80", fwmark: null },
    {
      protocol: "tcp",
      address: null,
      fwmark: null,
      group: "g",
      services: ["tcp 10.0.0.2:80", "tcp 10.0.0.3:80", "fwmark 5 inet6"],
    },
  ],
};

test.serial(
  "ownedWarning() warns of what a running duet owns, and is silent without one",
  async (t) => {
    const runDir = mkdtempSync(join(tmpdir(), "duet-owned-"));
    const { DUET_RUN_DIR: before } = process.env;
    process.env["DUET_RUN_DIR"] = runDir;
    const server = createServer((_request, response) => response.end(JSON.stringify(STATUS)));
    t.teardown(() => {
      if (before === undefined) delete process.env["DUET_RUN_DIR"];
      else process.env["DUET_RUN_DIR"] = before;
      server.close();
      rmSync(runDir, { recursive: true });
    });
    const owns = async (...asked: Parameters<typeof ownedWarning>) =>
      (await ownedWarning(...asked))?.replace(/: what was changed will be put back .*/, "");

    t.is(await owns("duet ipvs", ["tcp 10.0.0.1:80"]), undefined);
    server.listen(controlSocketPath(runDir));
    await once(server, "listening");
    t.is(await owns("duet ipvs", ["tcp 10.0.0.1:81", "udp 10.0.0.1:80", "fwmark 9"]), undefined);
    t.is(
      await owns("duet ipvs", ["udp [2001:db8::1]:53"]),
      "duet ipvs: warning: the running duet owns udp [2001:db8::1]:53",
    );
    t.is(
      await owns("ipvsadm", ["fwmark 99 inet6", "fwmark 7"]),
      "ipvsadm: warning: the running duet owns fwmark 99 inet6",
    );
    t.is(
      await owns("ipvsadm", "all"),
      "ipvsadm: warning: the running duet owns tcp 10.0.0.1:80, fwmark 99, udp [2001:db8::1]:53 and 4 more",
    );
    t.is(
      await owns("ipvsadm", ["tcp 10.0.0.3:80", "fwmark 5 inet6", "tcp 10.0.0.4:80"]),
      "ipvsadm: warning: the running duet owns tcp 10.0.0.3:80, fwmark 5 inet6",
    );
  },
);
