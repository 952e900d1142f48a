import test from "ava";
import { addToSum, finishSum } from "../../src/lib/checksum.ts";
import { addressBytes } from "../../src/lib/ip.ts";
import { encodeUnsolicitedAdvertisement } from "../../src/wire/ndisc.ts";

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
