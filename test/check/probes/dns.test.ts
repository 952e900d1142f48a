import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import test, { type ExecutionContext } from "ava";
import dnsPacket, { type Answer, type Packet } from "dns-packet";
import type { ProbeResult } from "../../../src/check/model.ts";
import { probeDns } from "../../../src/check/probes/dns.ts";
import type { CheckConfigOf } from "../../../src/check/types/index.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { commonCheck } from "../../helpers/checks.ts";
import { refusedPort } from "../../helpers/servers.ts";
import { closedUdpPort, openUdpServer } from "../../helpers/udp-server.ts";

const config: CheckConfigOf<"dns"> = {
  ...commonCheck,
  type: "dns",
  transport: "udp",
  queryName: "www.test",
  queryType: "A",
  recursion: true,
  rcode: "NOERROR",
  answer: null,
};

const www: Answer = { type: "A", name: "www.test", ttl: 60, data: "192.0.2.1" };

for (const transport of ["udp", "tcp"] as const) {
  test(`${transport}: a question is asked and its answer told`, async (t) => {
    const { ports, heard } = await openDns(t, () => [answer(heard[0], [www])]);
    const result = await run(ports[transport], { transport });
    t.like(result, { ok: true, detail: "NOERROR 192.0.2.1" });
    const { questions, flags } = dnsPacket.decode(heard[0] ?? Buffer.alloc(0));
    t.like(questions?.[0], { name: "www.test", type: "A", class: "IN" });
    t.is(flags, dnsPacket.RECURSION_DESIRED);
  });

  test(`${transport}: the answer of another question is not taken`, async (t) => {
    const { ports, heard } = await openDns(t, () => [
      answer(heard[0], [www], { id: (dnsPacket.decode(heard[0] ?? Buffer.alloc(0)).id ?? 0) ^ 1 }),
      answer(heard[0], [www], { questions: [{ name: "other.test", type: "A" }] }),
      answer(heard[0], [www], { questions: [{ name: "www.test", type: "AAAA" }] }),
      Buffer.from("short"),
      heard[0] ?? Buffer.alloc(0),
    ]);
    const timeoutMs = transport === "udp" ? 1000 : 5000;
    const result = await run(ports[transport], { transport, timeoutMs });
    t.like(result, { ok: false, cause: "bad_response" });
    t.regex(result.detail, /what is no answer to this question: hex:/);
  });

  test(`${transport}: a name that points at itself is a malformed answer`, async (t) => {
    const { ports, heard } = await openDns(t, () => [loop(heard[0] ?? Buffer.alloc(0))]);
    const result = await run(ports[transport], { transport });
    t.like(result, { ok: false, cause: "bad_response" });
    t.regex(result.detail, /^malformed answer: .*pointer/);
  });

  test(`${transport}: nobody listens`, async (t) => {
    const port = transport === "udp" ? await closedUdpPort() : await refusedPort();
    t.like(await run(port, { transport }), { ok: false, cause: "connect_refused" });
  });
}

test("rcode: another one than wanted", async (t) => {
  const { port, heard } = await openDns(t, () => [answer(heard.at(-1), [], { flags: 2 })]);
  t.like(await run(port), { ok: false, cause: "bad_response", detail: "SERVFAIL, wanted NOERROR" });
  t.like(await run(port, { rcode: "SERVFAIL" }), { ok: true, detail: "SERVFAIL" });
});

const soa = {
  mname: "ns.test",
  rname: "root.test",
  serial: 7,
  refresh: 1,
  retry: 2,
  expire: 3,
  minimum: 4,
};

const values: readonly (readonly [Answer, string, string])[] = [
  [www, "192.0.2.1", "192.0.2.2"],
  [{ type: "AAAA", name: "www.test", data: "2001:db8::1" }, "2001:DB8:0::1", "2001:db8::2"],
  [{ type: "NS", name: "www.test", data: "ns.test" }, "NS.test.", "ns2.test"],
  [{ type: "CNAME", name: "www.test", data: "a.test" }, "a.test", "b.test"],
  [{ type: "PTR", name: "www.test", data: "a.test" }, "a.test", "b.test"],
  [
    { type: "MX", name: "www.test", data: { preference: 10, exchange: "mx.test" } },
    "10 mx.test",
    "mx.test",
  ],
  [{ type: "TXT", name: "www.test", data: ["v=spf1", " -all"] }, "v=spf1 -all", "v=spf1"],
  [
    { type: "SRV", name: "www.test", data: { priority: 1, weight: 2, port: 3, target: "s.test" } },
    "1 2 3 s.test",
    "s.test",
  ],
  [
    { type: "CAA", name: "www.test", data: { flags: 0, tag: "issue", value: "ca.test" } },
    "0 issue ca.test",
    "ca.test",
  ],
  [{ type: "SOA", name: "www.test", data: soa }, "ns.test root.test 7 1 2 3 4", "ns.test"],
  [
    {
      type: "DS",
      name: "www.test",
      data: { keyTag: 1, algorithm: 8, digestType: 2, digest: Buffer.from("abcd", "hex") },
    },
    "1 8 2 abcd",
    "1",
  ],
];

for (const [record, right, wrong] of values) {
  test(`answer: a record of ${record.type}`, async (t) => {
    const queryType = record.type as CheckConfigOf<"dns">["queryType"];
    const { port, heard } = await openDns(t, () => [answer(heard.at(-1), [record])]);
    t.like(await run(port, { queryType, answer: { kind: "text", text: right } }), { ok: true });
    t.like(await run(port, { queryType, answer: { kind: "regex", source: "^.+$" } }), { ok: true });
    const result = await run(port, { queryType, answer: { kind: "text", text: wrong } });
    t.like(result, { ok: false, cause: "unexpected_answer" });
    t.true(result.detail.startsWith(`wanted ${JSON.stringify(wrong)}, got `), result.detail);
  });
}

test("answer: none of the wanted type, one of many, and one that was cut", async (t) => {
  const cname: Answer = { type: "CNAME", name: "www.test", data: "a.test" };
  const wanted = { answer: { kind: "text", text: "192.0.2.1" } } as const;
  const none = await openDns(t, () => [answer(none.heard[0], [cname])]);
  t.like(await run(none.port, wanted), { ok: false, detail: 'wanted "192.0.2.1", got none' });
  const many = await openDns(t, () => [
    answer(many.heard[0], [cname, { ...www, data: "192.0.2.9" } as Answer, www]),
  ]);
  t.like(await run(many.port, wanted), { ok: true });
  const cut = await openDns(t, () => [
    answer(cut.heard[0], [], { flags: dnsPacket.TRUNCATED_RESPONSE }),
  ]);
  t.like(await run(cut.port, wanted), {
    ok: false,
    detail: "the answer is cut: use transport = tcp",
  });
});

test("a server that has nothing for the root is none the worse", async (t) => {
  const { port, heard } = await openDns(t, () => [answer(heard[0], [])]);
  const result = await run(port, { queryName: ".", queryType: "SOA", recursion: false });
  t.like(result, { ok: true, detail: "NOERROR" });
  t.like(dnsPacket.decode(heard[0] ?? Buffer.alloc(0)), { flags: 0 });
});

test("tcp: a connection that ends before the answer", async (t) => {
  const { ports } = await openDns(t, () => null);
  t.like(await run(ports.tcp, { transport: "tcp" }), {
    ok: false,
    cause: "bad_response",
    detail: "the connection closed: no answer",
  });
});

function answer(
  question: Buffer | undefined,
  answers: Answer[],
  more: Partial<Packet> = {},
): Buffer {
  const { id = 0, questions = [] } = dnsPacket.decode(question ?? Buffer.alloc(0));
  return dnsPacket.encode({ type: "response", id, questions, answers, ...more });
}

/** One record, whose name is a pointer to itself. */
function loop(question: Buffer): Buffer {
  const head = Buffer.from(question);
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(1, 6);
  const pointer = Buffer.alloc(2);
  pointer.writeUInt16BE(0xc000 | question.length);
  return Buffer.concat([head, pointer, Buffer.from("00010001000000000004c0000201", "hex")]);
}

/** Answers by UDP and TCP, each at a port of its own; null = the connection is closed. */
async function openDns(
  t: ExecutionContext,
  answers: () => readonly Buffer[] | null,
): Promise<{
  readonly port: number;
  readonly ports: { readonly udp: number; readonly tcp: number };
  readonly heard: Buffer[];
}> {
  const heard: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      heard.push(bytes.subarray(2));
      const said = answers();
      if (said === null) socket.end();
      // Byte by byte would do as well: the length says where the answer ends.
      for (const [at, reply] of (said ?? []).entries()) {
        const length = Buffer.alloc(2);
        length.writeUInt16BE(reply.length);
        socket.write(length.subarray(0, 1));
        setImmediate(() => socket.write(Buffer.concat([length.subarray(1), reply])));
        if (at === 0) break;
      }
    });
  });
  const udp = await openUdpServer(t, (question) => {
    heard.push(question);
    return answers() ?? [];
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => void server.close());
  const ports = { udp: udp.port, tcp: (server.address() as AddressInfo).port };
  return { port: ports.udp, ports, heard };
}

async function run(port: number, more: Partial<CheckConfigOf<"dns">> = {}): Promise<ProbeResult> {
  const context = { signal: new AbortController().signal, clock: timeoutClock };
  return probeDns({ address: "127.0.0.1", port }, { ...config, ...more }, context);
}
