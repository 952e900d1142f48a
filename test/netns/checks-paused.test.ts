// A real director that is stopped and goes on (SIGSTOP, as a virtual machine that is moved): its servers answered in time.

import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { certificates } from "../helpers/certificates.ts";
import { startDuet } from "../helpers/duet.ts";
import { openLineServer } from "../helpers/line-server.ts";
import { enterNewNetwork, ip } from "../helpers/netns.ts";
import { eventually } from "../helpers/wait.ts";

enterNewNetwork();
ip("link set lo up");

const ROUNDS = 5;
/** Each step takes so long, so that a stop meets dialogues that are under way. */
const STEP_MS = 60;

type Checked = { readonly name: string; readonly port: number; readonly keys: readonly string[] };

async function web(t: ExecutionContext): Promise<readonly Checked[]> {
  const { cert, key } = certificates(t).make(30);
  const plain = createHttp((_asked, answer) => void setTimeout(() => answer.end("ok"), STEP_MS));
  const pair = { cert: readFileSync(cert), key: readFileSync(key) };
  const secure = createHttps(pair, (_asked, answer) => {
    setTimeout(() => answer.end("ok"), STEP_MS);
  });
  const ports = await Promise.all(
    [plain, secure].map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      t.teardown(() => {
        server.closeAllConnections();
        server.close();
      });
      return (server.address() as AddressInfo).port;
    }),
  );
  const [http = 0, https = 0] = ports;
  return [
    { name: "http", port: http, keys: ["type = http", "body = ok"] },
    { name: "https", port: https, keys: ["type = https", "verify = no"] },
  ];
}

async function datagrams(t: ExecutionContext, answers: boolean): Promise<number> {
  const socket = createSocket("udp4");
  let isOpen = true;
  if (answers) {
    socket.on("message", (bytes, from) => {
      setTimeout(() => {
        if (isOpen) socket.send(bytes, from.port, from.address, () => {});
      }, STEP_MS);
    });
  }
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  t.teardown(() => {
    isOpen = false;
    socket.close();
  });
  return socket.address().port;
}

async function all(t: ExecutionContext): Promise<readonly Checked[]> {
  const mail = await openLineServer(t, {
    banner: "220 mx\r\n",
    answers: { EHLO: "250 mx\r\n", QUIT: null },
  });
  return [
    ...(await web(t)),
    { name: "smtp", port: mail.port, keys: ["type = smtp"] },
    { name: "silent", port: await datagrams(t, false), keys: ["type = udp"] },
    {
      name: "udp",
      port: await datagrams(t, true),
      keys: ["type = udp", "payload = 0a0b", "require_reply = yes"],
    },
    { name: "misc", port: 9, keys: ["type = misc", "script = /bin/sleep 0.1"] },
  ];
}

function text(checked: readonly Checked[]): string {
  const services = checked.map(
    ({ name, port, keys }, i) => `[check.${name}]
${keys.join("\n")}
interval = 0.3
timeout = 0.6
retry = 0
[virtual_server.${name}]
address = 10.9.9.${i + 1}:80
protocol = tcp
lb_kind = NAT
check[] = ${name}
[real_server.${name}.rs]
address = 127.0.0.1:${port}
`,
  );
  return services.join("");
}

test("no server goes DOWN because the director stood still", async (t) => {
  const checked = await all(t);
  const duet = await startDuet(t, text(checked));
  const change = { msg: "real server state changed" };
  for (const { name } of checked) await duet.said({ ...change, virtual_server: name, to: "UP" });
  const pid = await duet.pidOf("director");
  const mark = duet.lines().length;
  for (let round = 0; round < ROUNDS; round += 1) {
    process.kill(pid, "SIGSTOP");
    await delay(1000 + round * 500);
    process.kill(pid, "SIGCONT");
    const resumed = new Date().toISOString();
    await eventually("each is checked again", async () => {
      const { virtual_servers: services } = await duet.status();
      const last = services.map(({ real_servers }) => real_servers[0]?.checks[0]?.last_at ?? "");
      return last.every((at) => at > resumed);
    });
  }
  const changes = duet.lines().slice(mark);
  t.deepEqual(
    changes.filter(({ msg }) => msg === change.msg),
    [],
  );
  t.is(await duet.pidOf("director"), pid);
});
