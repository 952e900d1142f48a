import test from "ava";
import { addToSum, finishSum } from "../../src/lib/checksum.ts";
import { addressBytes } from "../../src/lib/ip.ts";
import {
  decodeAdvertisement,
  encodeSolicitation,
  encodeUnsolicitedAdvertisement,
} from "../../src/wire/ndisc.ts";

const MAC = Uint8Array.from([0x02, 0, 0x5e, 0x10, 0, 7]);
const ADDRESS = "2001:db8::64";
const frame = encodeUnsolicitedAdvertisement(MAC, ADDRESS, false);
const packet = frame.subarray(14);
const message = packet.subarray(40);

test("RFC 2464 §7: the frame goes to the group's MAC, from ours, as IPv6", (t) => {
  t.is(frame.length, 86);
  t.is(frame.toString("hex", 0, 14), `33330000000102005e10000786dd`);
});

test("RFC 4861 §4.4: hop limit 255, from the address itself, to all nodes", (t) => {
  t.is(packet[0], 0x60);
  t.is(packet.readUInt16BE(4), 32);
  t.deepEqual([packet[6], packet[7]], [58, 255]);
  t.deepEqual(packet.subarray(8, 24), addressBytes(ADDRESS));
  t.deepEqual(packet.subarray(24, 40), addressBytes("ff02::1"));
});

test("RFC 4861 §7.2.6: override, not solicited, the address as target, our MAC as its link-layer address", (t) => {
  t.deepEqual([...message.subarray(0, 2)], [136, 0]);
  t.is(message.readUInt32BE(4), 0x20000000);
  t.deepEqual(message.subarray(8, 24), addressBytes(ADDRESS));
  t.is(message.toString("hex", 24), "020102005e100007");
});

test("RFC 4861 §4.4: the router flag of who forwards", (t) => {
  const router = encodeUnsolicitedAdvertisement(MAC, ADDRESS, true).subarray(54);
  t.is(router.readUInt32BE(4), 0xa0000000);
});

test("RFC 8200 §8.1: the checksum counts source, destination, length and next header", (t) => {
  const pseudo = Buffer.alloc(40);
  packet.copy(pseudo, 0, 8, 40);
  pseudo.writeUInt32BE(32, 32);
  pseudo[39] = 58;
  t.is(finishSum(addToSum(addToSum(0, pseudo), message)), 0);
});

test("RFC 4861 §4.3, §7.2.2: a solicitation to the solicited-node group, with who asks and where he is", (t) => {
  const solicitation = encodeSolicitation(MAC, "fe80::1", "2001:db8::aa:bbcc");
  t.is(solicitation.toString("hex", 0, 14), "3333ffaabbcc02005e10000786dd");
  const inner = solicitation.subarray(14);
  t.deepEqual([inner[6], inner[7]], [58, 255]);
  t.deepEqual(inner.subarray(8, 24), addressBytes("fe80::1"));
  t.deepEqual(inner.subarray(24, 40), addressBytes("ff02::1:ffaa:bbcc"));
  const body = inner.subarray(40);
  t.is(body.length, 32);
  t.deepEqual([body[0], body[1]], [135, 0]);
  t.deepEqual(body.subarray(8, 24), addressBytes("2001:db8::aa:bbcc"));
  t.is(body.toString("hex", 24), "010102005e100007");
  const pseudo = Buffer.alloc(40);
  inner.copy(pseudo, 0, 8, 40);
  pseudo.writeUInt32BE(32, 32);
  pseudo[39] = 58;
  t.is(finishSum(addToSum(addToSum(0, pseudo), body)), 0);
  t.is(decodeAdvertisement(body), undefined, "it is no advertisement");
});

test("decodeAdvertisement() reads what encodeUnsolicitedAdvertisement() wrote", (t) => {
  t.deepEqual(decodeAdvertisement(message), { target: ADDRESS, mac: "02:00:5e:10:00:07" });
  t.deepEqual(decodeAdvertisement(message.subarray(0, 24)), { target: ADDRESS, mac: null });
});

test("RFC 4861 §7.1.2: decodeAdvertisement() reads nothing that is cut, nor an option without length", (t) => {
  for (const length of [0, 1, 8, 23, 25, 31]) {
    t.is(decodeAdvertisement(message.subarray(0, length)), undefined, `${length} bytes`);
  }
  const endless = Buffer.from(message);
  endless[25] = 0;
  t.is(decodeAdvertisement(endless), undefined);
  const beyond = Buffer.from(message);
  beyond[25] = 200;
  t.is(decodeAdvertisement(beyond), undefined);
});
