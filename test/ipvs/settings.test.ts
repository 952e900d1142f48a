import test from "ava";
import fc from "fast-check";
import { COMMAND } from "../../src/ipvs/attributes.ts";
import type { SyncDaemon } from "../../src/ipvs/model.ts";
import { daemonBody, decodeDaemon } from "../../src/ipvs/settings.ts";
import { MessageWriter } from "../../src/kernel/attributes.ts";
import { attributesOf } from "../../src/kernel/genetlink.ts";

test("daemonBody() writes what linux/ip_vs.h says, byte by byte", (t) => {
  const daemon: SyncDaemon = {
    state: "backup",
    interface: "eth0",
    syncId: 5,
    maxLengthBytes: 1400,
    group: "239.1.2.3",
    port: 9000,
    ttl: 3,
  };
  t.is(
    bytesOf(daemon).toString("hex"),
    [
      "09010000", // IPVS_CMD_NEW_DAEMON, version
      "40000380", // IPVS_CMD_ATTR_DAEMON, nested
      "0800010002000000", // IP_VS_STATE_BACKUP
      "090002006574683000000000", // "eth0"
      "0800030005000000", // syncid
      "0600040078050000", // maxlen
      "0600070028230000", // port, no network order
      "0500080003000000", // ttl
      "08000500ef010203", // group
    ].join(""),
  );
});

test("a sync daemon survives encoding and decoding", (t) => {
  const daemons: readonly SyncDaemon[] = [
    { state: "master", interface: "eth0", syncId: 0 },
    { state: "backup", interface: "d0", syncId: 255, group: "ff02::81", port: 8848, ttl: 1 },
  ];
  for (const daemon of daemons)
    t.deepEqual(decodeDaemon(attributesOf({ body: bytesOf(daemon) })), daemon);
});

test("decodeDaemon() never throws, whatever the bytes", (t) => {
  const real = bytesOf({ state: "master", interface: "eth0", syncId: 1, group: "239.0.0.1" });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(real.length), (noise, cut) => {
      decodeDaemon(attributesOf({ body: Buffer.from(noise) }));
      decodeDaemon(attributesOf({ body: Buffer.concat([real.subarray(0, cut), noise]) }));
      t.pass();
    }),
  );
});

function bytesOf(daemon: SyncDaemon): Buffer {
  const writer = new MessageWriter();
  daemonBody(COMMAND.newDaemon, daemon)(writer);
  return Buffer.from(writer.bytes);
}
