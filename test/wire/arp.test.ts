import { readFileSync } from "node:fs";
import test from "ava";
import { decodeArp, encodeArpProbe, encodeGratuitousArp } from "../../src/wire/arp.ts";

type Vector = {
  readonly name: string;
  readonly mac: string;
  readonly address: string;
  readonly hex: string;
};

const vectors = JSON.parse(readFileSync("test/vectors/arp.json", "utf8")) as Vector[];

for (const { name, mac, address, hex } of vectors) {
  test(`encodeGratuitousArp() writes ${name}`, (t) => {
    const bytes = Buffer.from(mac.replaceAll(":", ""), "hex");
    t.is(encodeGratuitousArp(bytes, address).toString("hex"), hex);
  });
}

const MAC = Buffer.from("02005e100001", "hex");
const TEXT = "02:00:5e:10:00:01";

test("RFC 5227 §2.1.1: a probe is a broadcast request from 0.0.0.0, its target MAC is zero", (t) => {
  const frame = encodeArpProbe(MAC, "203.0.113.7");
  t.is(
    frame.toString("hex"),
    "ffffffffffff02005e1000010806000108000604000102005e10000100000000000000000000cb007107",
  );
  const read = { source: TEXT, senderMac: TEXT, sender: "0.0.0.0", target: "203.0.113.7" };
  t.deepEqual(decodeArp(frame), read);
});

test("decodeArp() reads an announcement, and a frame that is padded to 60 bytes", (t) => {
  const frame = Buffer.concat([encodeGratuitousArp(MAC, "203.0.113.7"), Buffer.alloc(18)]);
  t.like(decodeArp(frame), { sender: "203.0.113.7", senderMac: TEXT });
});

test("decodeArp() reads nothing that is cut, or is not of IPv4 on Ethernet", (t) => {
  const frame = encodeArpProbe(MAC, "203.0.113.7");
  for (let length = 0; length < frame.length; length += 1) {
    t.is(decodeArp(frame.subarray(0, length)), undefined, `${length} bytes`);
  }
  for (const at of [12, 14, 16, 18, 19]) {
    const other = Buffer.from(frame);
    other[at] = 0x77;
    t.is(decodeArp(other), undefined, `byte ${at}`);
  }
});
