// The numbers of IPVS's generic netlink family, after include/uapi/linux/ip_vs.h. Data only.

export const FAMILY = "IPVS";
export const VERSION = 1;

export const COMMAND = {
  newService: 1,
  setService: 2,
  delService: 3,
  getService: 4,
  newDestination: 5,
  setDestination: 6,
  delDestination: 7,
  getDestination: 8,
  newDaemon: 9,
  delDaemon: 10,
  getDaemon: 11,
  setConfig: 12,
  getConfig: 13,
  getInfo: 15,
  zero: 16,
  flush: 17,
} as const;
export type Command = (typeof COMMAND)[keyof typeof COMMAND];

/** IPVS_CMD_ATTR_*: what a message carries. */
export const MESSAGE = {
  service: 1,
  destination: 2,
  daemon: 3,
  timeoutTcp: 4,
  timeoutTcpFin: 5,
  timeoutUdp: 6,
} as const;

/** IPVS_SVC_ATTR_* */
export const SERVICE = {
  family: 1,
  protocol: 2,
  address: 3,
  port: 4,
  fwmark: 5,
  scheduler: 6,
  flags: 7,
  timeout: 8,
  netmask: 9,
  stats: 10,
  persistenceEngine: 11,
  stats64: 12,
} as const;

/** IPVS_DEST_ATTR_* */
export const DESTINATION = {
  address: 1,
  port: 2,
  forward: 3,
  weight: 4,
  upperThreshold: 5,
  lowerThreshold: 6,
  activeConnections: 7,
  inactiveConnections: 8,
  persistentConnections: 9,
  stats: 10,
  family: 11,
  stats64: 12,
  tunnelType: 13,
  tunnelPort: 14,
  tunnelFlags: 15,
} as const;

/** IPVS_STATS_ATTR_* */
export const STATS = {
  connections: 1,
  packetsIn: 2,
  packetsOut: 3,
  bytesIn: 4,
  bytesOut: 5,
  connectionsPerS: 6,
  packetsInPerS: 7,
  packetsOutPerS: 8,
  bytesInPerS: 9,
  bytesOutPerS: 10,
} as const;

/** IPVS_DAEMON_ATTR_* */
export const DAEMON = {
  state: 1,
  interface: 2,
  syncId: 3,
  maxLength: 4,
  group: 5,
  group6: 6,
  port: 7,
  ttl: 8,
} as const;
export const DAEMON_STATE = { master: 1, backup: 2 } as const;

/** IPVS_INFO_ATTR_* */
export const INFO = { version: 1, connectionTableSize: 2 } as const;

/** IP_VS_SVC_F_*. HASHED (2) is the kernel's own and says nothing. */
export const PERSISTENT_FLAG = 0x01;
export const SERVICE_FLAG = { ops: 0x04, "flag-1": 0x08, "flag-2": 0x10, "flag-3": 0x20 } as const;

/** IP_VS_CONN_F_FWD_MASK: the forwarding method is in the lowest bits, other flags may be above. */
export const FORWARD_MASK = 7;
export const FORWARD = { NAT: 0, TUN: 2, DR: 3 } as const;

/** IP_VS_CONN_F_TUNNEL_TYPE_* and IP_VS_TUNNEL_ENCAP_FLAG_* */
export const TUNNEL_TYPE = { ipip: 0, gue: 1, gre: 2 } as const;
export const TUNNEL_FLAGS = { none: 0, checksum: 1, "remote-checksum": 2 } as const;

export const AF = { 4: 2, 6: 10 } as const;
export const PROTOCOL = { tcp: 6, udp: 17, sctp: 132 } as const;
