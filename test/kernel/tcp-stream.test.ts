import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import test from "ava";
import { openTcpStream } from "../../src/kernel/tcp-stream.ts";

const CHUNK = Buffer.alloc(1024 * 1024);

test("a server that sends faster than it is heard does not hold the loop", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, "connection") as Promise<[Socket]>;
  let peer: Socket | undefined;
  let reads = 0;
  let readsAtOnce = 0;
  let readsAtOnceMax = 0;
  await new Promise<void>((resolve) => {
    const stream = openTcpStream(
      { address: "127.0.0.1", port, source: null },
      {
        onConnected() {},
        onBytes() {
          // Whatever there is room for is there before the next read.
          peer?.write(CHUNK);
          reads += 1;
          if (readsAtOnce === 0) queueMicrotask(() => (readsAtOnce = 0));
          readsAtOnce += 1;
          readsAtOnceMax = Math.max(readsAtOnceMax, readsAtOnce);
          if (reads === 2000) {
            stream?.close("reset");
            resolve();
          }
        },
        onLost: () => t.fail("lost"),
      },
    );
    void accepted.then(([socket]) => {
      peer = socket;
      socket.on("error", () => {});
      socket.write(CHUNK);
    });
  });
  peer?.destroy();
  server.close();
  t.true(readsAtOnceMax <= 4, `${readsAtOnceMax} reads at once`);
});
