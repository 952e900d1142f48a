// Numbers of socket(2), socket(7), ip(7) and ipv6(7) that more than one kind of socket here uses.

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_PACKET = 17;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;

export const SOL_SOCKET = 1;
export const SO_REUSEADDR = { name: "SO_REUSEADDR", level: SOL_SOCKET, number: 2 };
export const SO_RCVBUF = { name: "SO_RCVBUF", level: SOL_SOCKET, number: 8 };
export const SO_PRIORITY = { name: "SO_PRIORITY", level: SOL_SOCKET, number: 12 };
export const SO_LINGER = { name: "SO_LINGER", level: SOL_SOCKET, number: 13 };
export const SO_BINDTODEVICE = { name: "SO_BINDTODEVICE", level: SOL_SOCKET, number: 25 };
export const SO_MARK = { name: "SO_MARK", level: SOL_SOCKET, number: 36 };

export const SOL_IP = 0;
export const IP_TOS = { name: "IP_TOS", level: SOL_IP, number: 1 };
export const IP_TTL = { name: "IP_TTL", level: SOL_IP, number: 2 };
export const IP_BIND_ADDRESS_NO_PORT = {
  name: "IP_BIND_ADDRESS_NO_PORT",
  level: SOL_IP,
  number: 24,
};

export const SOL_IPV6 = 41;
export const IPV6_UNICAST_HOPS = { name: "IPV6_UNICAST_HOPS", level: SOL_IPV6, number: 16 };
export const IPV6_RECVPKTINFO = { name: "IPV6_RECVPKTINFO", level: SOL_IPV6, number: 49 };
/** The control message that IPV6_RECVPKTINFO asks for: struct in6_pktinfo. */
export const IPV6_PKTINFO_MESSAGE = 50;
export const IPV6_RECVHOPLIMIT = { name: "IPV6_RECVHOPLIMIT", level: SOL_IPV6, number: 51 };
export const IPV6_TCLASS = { name: "IPV6_TCLASS", level: SOL_IPV6, number: 67 };
/** The control message that IPV6_RECVHOPLIMIT asks for. */
export const IPV6_HOPLIMIT_MESSAGE = 52;

/** DSCP CS6 as type of service or traffic class: what routing protocols, and keepalived, mark their packets with. */
export const INTERNETWORK_CONTROL = 0xc0;
export const TC_PRIO_CONTROL = 7;

export const MSG_DONTWAIT = 0x40;
export const EINTR = 4;
