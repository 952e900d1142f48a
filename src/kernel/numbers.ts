// Numbers of the kernel's headers that more than one file here says; what only one needs stands there.

/** Of glibc, which keeps the first two for itself: signal(7). */
export const SIGRTMIN = 34;
export const SIGRTMAX = 64;

// linux/socket.h, socket(2).
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_PACKET = 17;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;

// asm-generic/socket.h, socket(7).
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = { name: "SO_REUSEADDR", level: SOL_SOCKET, number: 2 };
export const SO_ERROR = 4;
export const SO_RCVBUF = { name: "SO_RCVBUF", level: SOL_SOCKET, number: 8 };
export const SO_PRIORITY = { name: "SO_PRIORITY", level: SOL_SOCKET, number: 12 };
export const SO_LINGER = { name: "SO_LINGER", level: SOL_SOCKET, number: 13 };
export const SO_BINDTODEVICE = { name: "SO_BINDTODEVICE", level: SOL_SOCKET, number: 25 };
export const SO_MARK = { name: "SO_MARK", level: SOL_SOCKET, number: 36 };

// linux/in.h, ip(7).
export const SOL_IP = 0;
export const IP_TOS = { name: "IP_TOS", level: SOL_IP, number: 1 };
export const IP_TTL = { name: "IP_TTL", level: SOL_IP, number: 2 };
export const IP_BIND_ADDRESS_NO_PORT = {
  name: "IP_BIND_ADDRESS_NO_PORT",
  level: SOL_IP,
  number: 24,
};

// linux/in6.h, ipv6(7).
export const SOL_IPV6 = 41;
export const IPPROTO_ICMPV6 = 58;
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

// linux/socket.h, recv(2).
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;

// asm-generic/errno-base.h and errno.h.
export const EINTR = 4;
export const EAGAIN = 11;
export const ENOBUFS = 105;

// linux/netlink.h, netlink(7).
export const SOL_NETLINK = 270;
export const NETLINK_ADD_MEMBERSHIP = {
  name: "NETLINK_ADD_MEMBERSHIP",
  level: SOL_NETLINK,
  number: 1,
};
export const NLMSG_DONE = 3;
/** struct nlmsghdr. */
export const NLMSG_HEADER_BYTES = 16;

// linux/if.h and linux/if_link.h; struct ifinfomsg of linux/rtnetlink.h.
export const IFF_UP = 0x1;
export const IFLA_ADDRESS = 1;
export const IFLA_IFNAME = 3;
export const IFLA_MASTER = 10;
export const IFINFOMSG_BYTES = 16;

// linux/rtnetlink.h: struct rtmsg. A table above what its byte holds is an attribute.
export const RTMSG_BYTES = 12;
export const TABLE_IN_HEADER_MAX = 255;
export const RTNH_F_ONLINK = 4;

// linux/fib_rules.h.
export const FIB_RULE_INVERT = 2;
