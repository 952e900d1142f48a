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

/**
 * Many instances, spread over cables w0, w1 …, each with its own virtual addresses, for either product.
 * @param {{ priority: number, instances: number, vipsEach?: number, advertIntervalS?: number }} options
 */
export function bigConf(kind, { priority, instances, vipsEach = 1, advertIntervalS = 1 }) {
  const head = kind === "duet" ? "" : "global_defs {\n  router_id bench\n}\n";
  const each = Array.from({ length: instances }, (_, i) => {
    const cable = Math.floor(i / 250);
    const vips = Array.from({ length: vipsEach }, (__, v) => {
      const at = (i % 250) * vipsEach + v;
      return `10.${cable}.${1 + Math.floor(at / 250)}.${1 + (at % 250)}/32`;
    });
    const values = {
      name: `V${i}`,
      wire: `w${cable}`,
      vrid: 1 + (i % 250),
      priority,
      advertIntervalS,
    };
    return kind === "duet" ? duetInstance(values, vips) : keepalivedInstance(values, vips);
  });
  return head + each.join("");
}

function duetInstance({ name, wire, vrid, priority, advertIntervalS }, vips) {
  return `[vrrp_instance.${name}]
interface = ${wire}
virtual_router_id = ${vrid}
priority = ${priority}
version = 3
advert_int = ${advertIntervalS}
${vips.map((vip) => `virtual_ipaddress[] = ${vip}\n`).join("")}`;
}

function keepalivedInstance({ name, wire, vrid, priority, advertIntervalS }, vips) {
  return `vrrp_instance ${name} {
  state BACKUP
  interface ${wire}
  virtual_router_id ${vrid}
  priority ${priority}
  version 3
  advert_int ${advertIntervalS}
  virtual_ipaddress {
${vips.map((vip) => `    ${vip}\n`).join("")}  }
}
`;
}
