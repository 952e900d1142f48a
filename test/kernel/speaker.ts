// Run in a neighbour's namespace: speaker.js DEVICE SOURCE HEX [DESTINATION TTL] sends one packet of protocol 112, to the
// group when no destination is given.

import { ifIndexOf } from "../../src/kernel/vrrp-raw.ts";
import { openVrrpSender } from "../../src/kernel/vrrp-socket.ts";
import { VRRP_GROUP_IPV4, VRRP_GROUP_IPV6 } from "../../src/wire/vrrp.ts";

const [name = "", source = "", hex = "", destination, ttl = "255"] = process.argv.slice(2);
const group = source.includes(":") ? VRRP_GROUP_IPV6 : VRRP_GROUP_IPV4;
const sender = openVrrpSender({ name, index: ifIndexOf(name) }, group, source);
const to = destination === undefined ? undefined : { destination, ttl: Number(ttl) };
sender.send(Buffer.from(hex, "hex"), to);
sender.close();
