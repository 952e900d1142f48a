import test from "ava";
import fc from "fast-check";
import { COMMAND } from "../../src/ipvs/attributes.ts";
import {
  decodeDestination,
  decodeService,
  destinationBody,
  serviceBody,
} from "../../src/ipvs/codec.ts";
import type { Destination, Service } from "../../src/ipvs/model.ts";
import type { AttributeReader } from "../../src/kernel/attribute-reader.ts";
import { MessageWriter } from "../../src/kernel/attributes.ts";
import { attributesOf } from "../../src/kernel/genetlink.ts";

const web = { kind: "address", protocol: "tcp", address: "10.0.0.1", port: 80 } as const;
const quiet = { traffic: false };

test("serviceBody() writes what linux/ip_vs.h says, byte by byte", (t) => {
  const service = {
    key: web,
    scheduler: "wrr",
    persistence: { timeoutS: 50, prefixLength: 24 },
  } as const;
  t.is(
    bytesOf(serviceBody(COMMAND.newService, service)).toString("hex"),
    [
      "01010000", // command, version
      "54000180", // IPVS_CMD_ATTR_SERVICE, nested
      "0600010002000000", // AF_INET
      "0600020006000000", // TCP
      "140003000a000001000000000000000000000000", // 10.0.0.1
      "0600040000500000", // port 80, network order
      "0800060077727200", // "wrr"
      "0c00070001000000ffffffff", // IP_VS_SVC_F_PERSISTENT, mask
      "0800080032000000", // 50 s
      "08000900ffffff00", // 255.255.255.0, network order
    ].join(""),
  );
});

test("a service survives encoding and decoding", (t) => {
  const services: readonly Omit<Service, "destinations">[] = [
    { key: web, scheduler: "rr", persistence: null },
    { key: { ...web, protocol: "udp" }, scheduler: "rr", persistence: null, flags: ["ops"] },
    {
      key: { ...web, protocol: "sctp", address: "2001:db8::1" },
      scheduler: "mh",
      persistence: { timeoutS: 360, prefixLength: 64 },
      flags: ["flag-1", "flag-2"],
    },
    {
      key: { ...web, protocol: "udp", port: 5060 },
      scheduler: "wlc",
      persistence: { timeoutS: 60, prefixLength: 0 },
      persistenceEngine: "sip",
    },
    {
      key: web,
      scheduler: "wlc",
      persistence: { timeoutS: 60, prefixLength: 8, mask: "255.0.255.0" },
    },
    { key: { kind: "fwmark", fwmark: 99, family: 4 }, scheduler: "sh", persistence: null },
    { key: { kind: "fwmark", fwmark: 0xffffffff, family: 6 }, scheduler: "sh", persistence: null },
  ];
  for (const service of services) {
    t.deepEqual(
      decodeService(read(bytesOf(serviceBody(COMMAND.newService, service))), quiet),
      service,
    );
  }
});

test("a destination survives encoding and decoding, in a service of the other family too", (t) => {
  const destinations: readonly Destination[] = [
    { address: "10.0.1.1", port: 80, forward: "NAT", weight: 1 },
    { address: "2001:db8::9", port: 8080, forward: "TUN", weight: 0 },
    { address: "10.0.1.1", port: 0, forward: "DR", weight: 2 ** 31 - 1, upperThreshold: 100, lowerThreshold: 5 },
    {
      address: "10.0.1.1",
      port: 80,
      forward: "TUN",
      weight: 1,
      tunnel: { type: "gue", port: 6080, checksum: "checksum" },
    },
  ]; // biome-ignore format: one a line
  const counts = { activeConnections: 0, inactiveConnections: 0, persistentConnections: 0 };
  for (const destination of destinations) {
    const body = bytesOf(destinationBody(COMMAND.newDestination, web, destination));
    t.deepEqual(decodeDestination(read(body), 4, quiet), { ...destination, ...counts });
  }
});

test("decodeService() takes no notice of the kernel's own HASHED flag", (t) => {
  const body = bytesOf(
    serviceBody(COMMAND.newService, { key: web, scheduler: "rr", persistence: null }),
  );
  const flagsAt = body.indexOf(Buffer.from("0c000700", "hex")) + 4;
  body[flagsAt] = 0x02;
  t.deepEqual(decodeService(read(body), quiet), { key: web, scheduler: "rr", persistence: null });
});

test("decodeDestination() reads the counts, and traffic only when asked", (t) => {
  const writer = new MessageWriter();
  destinationBody(COMMAND.newDestination, web, {
    address: "10.0.1.1",
    port: 80,
    forward: "DR",
    weight: 1,
  })({
    // A dump's destination is the same with counts behind: they are written into the nested attribute.
    rawU32: (value: number) => writer.rawU32(value),
    raw: (bytes: Buffer) => writer.raw(bytes),
    nested: (type: number, body: (nested: MessageWriter) => void) =>
      writer.nested(type, (nested) => {
        body(nested);
        if (type !== 2) return;
        nested.u32(3, 0x100 | 3); // IP_VS_CONN_F_INACTIVE above the forwarding method
        nested.u32(7, 11);
        nested.u32(8, 12);
        nested.u32(9, 13);
        nested.nested(12, (stats) => {
          for (let type64 = 1; type64 <= 5; type64 += 1) {
            const value = Buffer.alloc(8);
            value.writeBigUInt64LE(2n ** 40n + BigInt(type64));
            stats.attribute(type64, value);
          }
        });
      }),
  } as unknown as MessageWriter);
  const quietly = decodeDestination(read(writer.bytes), 4, quiet);
  t.like(quietly, {
    forward: "DR",
    activeConnections: 11,
    inactiveConnections: 12,
    persistentConnections: 13,
  });
  t.false("traffic" in (quietly ?? {}));
  t.is(decodeDestination(read(writer.bytes), 4, { traffic: true })?.traffic?.bytesOut, 2 ** 40 + 5);
});

test("decodeService() and decodeDestination() never throw, whatever the bytes", (t) => {
  const real = bytesOf(
    serviceBody(COMMAND.newService, { key: web, scheduler: "rr", persistence: null }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(real.length), (noise, cut) => {
      for (const bytes of [Buffer.from(noise), Buffer.concat([real.subarray(0, cut), noise])]) {
        decodeService(read(bytes), { traffic: true });
        decodeDestination(read(bytes), 4, { traffic: true });
      }
      t.pass();
    }),
  );
});

function bytesOf(body: (writer: MessageWriter) => void): Buffer {
  const writer = new MessageWriter();
  body(writer);
  return Buffer.from(writer.bytes);
}

function read(body: Buffer): AttributeReader {
  return attributesOf({ body });
}
