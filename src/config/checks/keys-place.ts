// Keys of [check.*] that say where a probe goes and how it leaves this machine.

import { address, addressOrHost, interfaceName } from "../addresses.ts";
import { integer } from "../plain-types.ts";
import type { KeySpec } from "../spec.ts";

// biome-ignore format: a table, a row a key
export const placeKeys = {
  address: { field: "address", type: addressOrHost, aliases: ["connect_ip"], otherwise: "the address of the real server", example: "172.17.253.140",
    doc: "Address that is probed, or the name of a host, which is looked up once, at start and reload" },
  port: { field: "port", type: integer(1, 65535), aliases: ["connect_port"], otherwise: "the port of the real server", example: "80",
    doc: "Port that is probed" },
  bind_address: { type: address, aliases: ["bindto"], otherwise: "as the kernel routes", example: "172.17.253.97",
    doc: "Address of this node that probes come from" },
  bind_port: { type: integer(1, 65535), otherwise: "an ephemeral port", example: "40000",
    doc: "Port that probes come from; only for a check of one real server, as a port is used by one probe at a time" },
  bind_interface: { type: interfaceName, aliases: ["bind_if"], otherwise: "as the kernel routes", example: "eth0",
    doc: "Interface that probes leave by, whatever the routes say (SO_BINDTODEVICE)" },
  fwmark: { type: integer(1, 2 ** 32 - 1), otherwise: "none", example: "99",
    doc: "Firewall mark of the packets of probes (SO_MARK), for policy routing" },
} as const satisfies Readonly<Record<string, KeySpec>>;
