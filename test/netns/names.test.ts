// Names of hosts with a name server of ours: all are asked for at once, and one that never answers keeps nobody for long.

import { type ChildProcess, spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import test from "ava";
import { decode, encode, type Packet, RECURSION_DESIRED } from "dns-packet";
import { enterNewNetwork } from "../helpers/netns.ts";

/** More than the threads of Node's pool. */
const NAMES = Array.from({ length: 12 }, (_, i) => `web${i + 1}.example.com`);

enterNewNetwork();
const dir = mkdtempSync(join(tmpdir(), "duet-names-"));
test.after.always(() => rmSync(dir, { recursive: true }));

// The resolver itself would wait for minutes.
const resolvConf = join(dir, "resolv.conf");
writeFileSync(resolvConf, "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n");

const file = join(dir, "duet.ini");
const servers = NAMES.map((name, i) => `[real_server.web.rs${i + 1}]\naddress = ${name}:80\n`);
writeFileSync(
  file,
  `[virtual_server.web]\naddress = 10.0.0.100:80\nprotocol = tcp\n${servers.join("")}`,
);

async function openNameServer(onQuestion: (packet: Packet, answer: Answer) => void) {
  const socket: Socket = createSocket("udp4");
  socket.on("message", (bytes, { port, address }) => {
    const packet = decode(bytes);
    onQuestion(packet, (answers) => {
      const { id, questions } = packet;
      const reply = { type: "response", id, flags: RECURSION_DESIRED, questions, answers } as const;
      socket.send(encode(reply), port, address);
    });
  });
  socket.bind(53, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

function addressOf(name: string): string {
  return `10.0.0.${21 + NAMES.indexOf(name)}`;
}

type Answer = (answers: NonNullable<Packet["answers"]>) => void;

/** Asks the name server of resolvConf. */
function run(...args: readonly string[]): ChildProcess {
  const script = `mount --bind ${resolvConf} /etc/resolv.conf && exec "$0" "$@"`;
  return spawn("unshare", ["--mount", "sh", "-c", script, process.execPath, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function check(): Promise<{ readonly status: number | null; readonly output: string }> {
  const child = run("build/duet/main.js", "check", file);
  const end = once(child, "close");
  const output = child.stdout === null ? "" : await text(child.stdout);
  const [status] = (await end) as [number | null];
  return { status, output };
}

test.serial("all names are asked for at once: none waits for the answer of another", async (t) => {
  const asked = new Set<string>();
  const answers: (() => void)[] = [];
  const server = await openNameServer(({ questions = [] }, answer) => {
    const [question] = questions;
    if (question === undefined) return;
    const { name, type } = question;
    asked.add(name);
    answers.push(() => answer(type === "A" ? [{ type, name, ttl: 1, data: addressOf(name) }] : []));
    if (asked.size === NAMES.length) for (const each of answers.splice(0)) each();
  });
  t.teardown(() => void server.close());
  const { status, output } = await check();
  t.is(status, 0, output);
  for (const name of NAMES) t.true(output.includes(`${name}:80 is ${addressOf(name)}:80 now`));
});

test.serial(
  "a name server that never answers: each name is told, long before the resolver gives up",
  async (t) => {
    const server = await openNameServer(() => undefined);
    t.teardown(() => void server.close());
    const patient = run(
      "--eval",
      'require("node:dns").lookup("web1.example.com", () => undefined)',
    );
    t.teardown(() => void patient.kill("SIGKILL"));
    const { status, output } = await check();
    t.is(patient.exitCode, null, "who is patient still waits");
    t.is(status, 1);
    t.deepEqual(output.trimEnd().split("\n"), [
      ...NAMES.map(
        (name, i) =>
          `${file}:${5 + 2 * i}: Cannot use address "${name}:80": ${name} cannot be looked up, there was no answer in 7 s: it must be a name that resolves, or an address such as 10.0.0.1`,
      ),
      `INVALID: ${NAMES.length} errors`,
    ]);
  },
);
