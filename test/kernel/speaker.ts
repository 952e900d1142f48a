// Run in a neighbour's namespace: speaker.js DEVICE SOURCE HEX sends one packet of protocol 112 to the group.

import { ifIndexOf, openVrrpSender } from "../../src/kernel/vrrp-socket.ts";
import { VRRP_GROUP_IPV4 } from "../../src/wire/vrrp.ts";

const [name = "", source = "", hex = ""] = process.argv.slice(2);
const sender = openVrrpSender({ name, index: ifIndexOf(name) }, VRRP_GROUP_IPV4, source);
sender.send(Buffer.from(hex, "hex"));
sender.close();
