import { createServer, type Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import { openTcpStream, type TcpStream } from "../../src/kernel/tcp-stream.ts";
import { refusedPort } from "../helpers/servers.ts";
import { until } from "../helpers/until.ts";

type Heard = { connected: number; bytes: Buffer[]; lost: (string | null)[] };

async function serve(
  t: ExecutionContext,
  host: string,
  answer: (socket: Socket) => void,
): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  t.teardown(() => server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function open(
  t: ExecutionContext,
  address: string,
  port: number,
  onBytes: (stream: TcpStream | undefined) => void = () => {},
): { stream: TcpStream | undefined; heard: Heard } {
  const heard: Heard = { connected: 0, bytes: [], lost: [] };
  const stream = openTcpStream(
    { address, port, source: null },
    {
      onConnected: () => void (heard.connected += 1),
      onBytes(bytes) {
        heard.bytes.push(Buffer.from(bytes));
        onBytes(stream);
      },
      onLost: (code) => void heard.lost.push(code),
    },
  );
  t.teardown(() => stream?.close("reset"));
  return { stream, heard };
}

for (const host of ["127.0.0.1", "::1"]) {
  test(`openTcpStream() sends and hears all, and the end, of ${host}`, async (t) => {
    const port = await serve(t, host, (socket) => socket.pipe(socket));
    const { stream, heard } = open(t, host, port);
    await until("connected", () => heard.connected === 1);
    // More than the kernel takes at once.
    const sent = Buffer.alloc(16 * 1024 * 1024, "duet ");
    let isSent = false;
    stream?.write(sent, () => {
      isSent = true;
    });
    t.false(isSent);
    await until("all is back", () => length(heard) === sent.length);
    t.true(isSent);
    t.true(Buffer.concat(heard.bytes).equals(sent));
    t.deepEqual(heard.lost, []);
  });
}

test("openTcpStream() tells what ends a connection", async (t) => {
  const closes = await serve(t, "127.0.0.1", (socket) => void socket.end("bye"));
  const resets = await serve(t, "127.0.0.1", (socket) => {
    socket.once("data", () => socket.resetAndDestroy());
  });
  const closed = open(t, "127.0.0.1", closes);
  const reset = open(t, "127.0.0.1", resets);
  const refused = open(t, "127.0.0.1", await refusedPort());
  const nowhere = open(t, "255.255.255.255", 9);
  await until("connected", () => reset.heard.connected === 1);
  reset.stream?.write(Buffer.from("x"));
  await until("all are lost", () =>
    [closed, reset, refused, nowhere].every(({ heard }) => heard.lost.length === 1),
  );
  t.deepEqual([closed.heard.lost, length(closed.heard)], [[null], 3]);
  t.deepEqual(reset.heard.lost, ["ECONNRESET"]);
  t.deepEqual(refused.heard.lost, ["ECONNREFUSED"]);
  t.is(nowhere.stream, undefined);
  t.not(nowhere.heard.lost[0], null);
});

test("a stream that is paused hears nothing until it is resumed, and one that is closed nothing more", async (t) => {
  let server: Socket | undefined;
  const port = await serve(t, "127.0.0.1", (socket) => {
    server = socket;
    socket.write("first");
  });
  const { stream, heard } = open(t, "127.0.0.1", port, (mine) => mine?.pause());
  await until("the first is heard", () => length(heard) === 5);
  await new Promise<void>((resolve) => server?.end("second", resolve));
  // Another connection that is heard to its end shows that there was time enough.
  const other = open(t, "127.0.0.1", await serve(t, "127.0.0.1", (socket) => void socket.end()));
  await until("the other one ended", () => other.heard.lost.length === 1);
  t.is(length(heard), 5);
  stream?.resume();
  t.is(Buffer.concat(heard.bytes).toString(), "firstsecond");
  t.deepEqual(heard.lost, []);
  stream?.resume();
  t.deepEqual(heard.lost, [null]);
  stream?.close("plain");
  stream?.close("reset");
  stream?.resume();
  t.deepEqual(heard.lost, [null]);
});

function length({ bytes }: Heard): number {
  return bytes.reduce((sum, each) => sum + each.length, 0);
}
