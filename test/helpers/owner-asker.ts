// A program: asks by ARP and neighbour solicitations again and again who has some addresses, as clients do whose caches are empty.
// Arguments: interface, own IPv4 address, own IPv6 address, period in milliseconds, the addresses.

import { networkInterfaces } from "node:os";
import { openPacketSocket } from "../../src/kernel/packet-socket.ts";
import { ifIndexOf } from "../../src/kernel/vrrp-raw.ts";
import { addressBytes } from "../../src/lib/ip.ts";
import { parseMac } from "../../src/lib/mac.ts";
import { ARP_SENDER_AT, encodeArpProbe } from "../../src/wire/arp.ts";
import { encodeSolicitation } from "../../src/wire/ndisc.ts";

const [device = "", own4 = "", own6 = "", periodMs = "5", ...addresses] = process.argv.slice(2);
const mac = parseMac(networkInterfaces()[device]?.[0]?.mac ?? "");
const packets = openPacketSocket();
const index = ifIndexOf(device);
const frames = addresses.map((address) => {
  if (address.includes(":")) return encodeSolicitation(mac, own6, address);
  const request = encodeArpProbe(mac, address);
  request.set(addressBytes(own4), ARP_SENDER_AT);
  return request;
});
setInterval(() => {
  for (const frame of frames) packets.send(index, frame);
}, Number(periodMs));
