// The same single VRRP instance for both products, without virtual servers.

export function benchConf(kind, { version, advertIntervalS }) {
  return kind === "duet"
    ? `[vrrp_instance.VI_1]
interface = pub
virtual_router_id = 51
priority = 100
version = ${version}
advert_int = ${advertIntervalS}
virtual_ipaddress[] = 10.0.0.100/24 dev pub
`
    : `vrrp_instance VI_1 {
  state BACKUP
  interface pub
  virtual_router_id 51
  priority 100
  version ${version}
  advert_int ${advertIntervalS}
  virtual_ipaddress {
    10.0.0.100/24 dev pub
  }
}
`;
}
