import { createSocket } from "node:dgram";
import { once } from "node:events";
import test, { type ExecutionContext } from "ava";
import { openUdpReceiver, openUdpSender } from "../../src/kernel/udp-socket.ts";
import { eventually } from "../helpers/wait.ts";

type Heard = { readonly text: string; readonly source: string; readonly ttl: number };

function listen(t: ExecutionContext, family: 4 | 6, port: number): readonly Heard[] {
  const heard: Heard[] = [];
  const receiver = openUdpReceiver({
    family,
    port,
    onDatagram: ({ bytes, source, ttl }) => heard.push({ text: bytes.toString(), source, ttl }),
  });
  t.teardown(() => receiver.close());
  return heard;
}

for (const [family, address, port] of [
  [4, "127.0.0.1", 43784],
  [6, "::1", 43785],
] as const) {
  test(`IPv${family}: a datagram is heard with its source and the time to live it was sent with`, async (t) => {
    const heard = listen(t, family, port);
    for (const ttl of [255, 1]) {
      const sender = openUdpSender({ source: address, destination: address, port, ttl });
      t.teardown(() => sender.close());
      sender.send(Buffer.from(`ttl ${ttl}`));
    }
    await eventually("both", () => heard.length === 2);
    t.deepEqual(heard, [
      { text: "ttl 255", source: address, ttl: 255 },
      { text: "ttl 1", source: address, ttl: 1 },
    ]);
  });
}

test("a sender has a port of its own between 49152 and 65535 (RFC 5881 §4)", async (t) => {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  t.teardown(() => void socket.close());
  const { port } = socket.address();
  const ports = new Set<number>();
  socket.on("message", (_bytes, from) => ports.add(from.port));
  for (let i = 0; i < 5; i += 1) {
    const sender = openUdpSender({ source: null, destination: "127.0.0.1", port, ttl: 255 });
    t.teardown(() => sender.close());
    sender.send(Buffer.from("x"));
  }
  await eventually("five ports", () => ports.size === 5);
  t.true([...ports].every((each) => each >= 49152));
});

test("a port that is taken is an error with its name", (t) => {
  listen(t, 4, 43786);
  t.throws(() => openUdpReceiver({ family: 4, port: 43786, onDatagram: () => {} }), {
    message: "bind port 43786: EADDRINUSE",
  });
});
