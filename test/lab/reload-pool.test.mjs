// Connections over a reload that replaces all real servers by others whose first check takes 0.8 s, counted by a client.
// One machine is enough: client, director and servers are addresses of its loopback.

import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { openBusServer } from "../../build/src/daemon/desk/bus-server.js";
import { busPath } from "../../build/src/daemon/process/bus-messages.js";
import { unshare } from "../../build/src/kernel/ffi.js";
import { timeoutClock } from "../../build/src/lib/clock.js";
import { until } from "../../scripts/lab/topology.mjs";
import { configOf, run, saved, startDirector } from "./director-process.mjs";
import { test } from "./lab.mjs";

const CLONE_NEWNET = 0x40000000;
const VIP = "10.9.0.1";
const OLD = ["10.9.1.1", "10.9.1.2"];
const NEW = ["10.9.1.3", "10.9.1.4"];
const CHECK_MS = 800;
/** Of a client that hears nothing: it counts as lost. */
const PATIENCE_MS = 10_000;
const NO_ANSWER = "no answer";

const servers = [];
const events = [];
const runDir = mkdtempSync("/run/director-");
let bus;

test.before(async () => {
  unshare(CLONE_NEWNET);
  run("ip", "link", "set", "lo", "up");
  for (const address of [VIP, ...OLD, ...NEW]) {
    run("ip", "address", "add", `${address}/32`, "dev", "lo");
  }
  run("modprobe", "-q", "-a", "ip_vs", "ip_vs_rr");
  for (const address of [...OLD, ...NEW]) {
    // Whoever asks for /check waits; everybody else is answered at once.
    const server = createServer(({ url }, response) => {
      setTimeout(() => response.end("ok"), url === "/check" ? CHECK_MS : 0);
    });
    server.listen(8080, address);
    await once(server, "listening");
    servers.push(server);
  }
  const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  bus = await openBusServer({
    path: busPath(runDir),
    onEvent: (event) => events.push(event),
    clock: timeoutClock,
    log,
  });
});
test.after.always(async () => {
  await bus?.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** `addresses` are checked at /check. */
function duetConfig(addresses) {
  const real = addresses.map(
    (address, i) =>
      `[real_server.web.s${i}-${address.replaceAll(".", "-")}]\naddress = ${address}:8080\n`,
  );
  return configOf(`
[check.slow]
type = http
path = /check
interval = 1
timeout = 5

[virtual_server.web]
address = ${VIP}:80
protocol = tcp
lb_algo = rr
lb_kind = NAT
check[] = slow

${real.join("\n")}`);
}

/** Asks the service, one connection after the other, until it is told to end. */
function startClient() {
  const counts = { served: 0, lost: [] };
  let isOver = false;
  const done = (async () => {
    while (!isOver) {
      const failure = await ask();
      if (failure === undefined) counts.served += 1;
      else counts.lost.push(failure);
      // Servers, checks and client share a processor.
      await delay(10);
    }
  })();
  return {
    async more() {
      const { served } = counts;
      await until("the client goes on", () => counts.served > served + 20);
    },
    async end() {
      await this.more();
      isOver = true;
      await done;
      return counts;
    },
  };
}

/** What went wrong with one connection; undefined = it was served. */
async function ask() {
  const socket = connect(80, VIP);
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(NO_ANSWER)));
  socket.write("GET / HTTP/1.0\r\n\r\n");
  try {
    return (await text(socket)).endsWith("ok") ? undefined : "an answer cut off";
  } catch (error) {
    return error.code ?? error.message;
  }
}

/** There was nobody to give it to; the kernel cuts off one that is open when its real server leaves the table. */
function isRefused(failure) {
  return failure !== NO_ANSWER;
}

function destinations() {
  return saved()
    .filter((line) => line.startsWith("-a ") && !line.endsWith("-w 0"))
    .map((line) => /-r (\S+):8080/.exec(line)?.[1] ?? "")
    .sort();
}

async function serving(addresses) {
  const wanted = [...addresses].sort().join();
  await until(`${wanted} serve`, () => destinations().join() === wanted);
}

/** What a client lost while `change` replaced those who serve by `after`. */
async function countOver(after, change) {
  const client = startClient();
  await client.more();
  await change();
  await serving(after);
  return client.end();
}

test("a reload that replaces all real servers refuses no connection, and keeps the quorum", async (t) => {
  const director = startDirector(runDir, await duetConfig(OLD));
  const { virtualServers } = await duetConfig(NEW);
  t.teardown(async () => director.end("SIGKILL"));
  director.configure();
  await serving(OLD);
  const from = events.length;
  const { served, lost } = await countOver(NEW, () => director.configure(virtualServers));
  t.log(`${served} served, ${lost.length} cut off`);
  t.deepEqual(lost.filter(isRefused), []);
  t.false(events.slice(from).some(({ kind, to }) => kind === "quorum" && to === "DOWN"));
});

test("a crash, and a start with other real servers: no connection is refused", async (t) => {
  const director = startDirector(runDir, await duetConfig(OLD));
  director.configure();
  await serving(OLD);
  let next;
  const { served, lost } = await countOver(NEW, async () => {
    await director.end("SIGKILL");
    next = startDirector(runDir, await duetConfig(NEW));
    next.configure();
  });
  t.teardown(async () => next.end("SIGKILL"));
  t.log(`${served} served, ${lost.length} cut off`);
  t.deepEqual(lost.filter(isRefused), []);
});
