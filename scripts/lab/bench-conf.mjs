// The same single VRRP instance for both products, without virtual servers.

export function benchConf(kind, { version, advertIntervalS, rtPriority }) {
  const isRealTime = rtPriority !== undefined;
  return kind === "duet"
    ? `${isRealTime ? `[global]\nvrrp_rt_priority = ${rtPriority}\n` : ""}[vrrp_instance.VI_1]
interface = pub
virtual_router_id = 51
priority = 100
version = ${version}
advert_int = ${advertIntervalS}
virtual_ipaddress[] = 10.0.0.100/24 dev pub
`
    : `${isRealTime ? `global_defs {\n  vrrp_rt_priority ${rtPriority}\n}\n` : ""}vrrp_instance VI_1 {
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
 * Many instances, each with one address that adverts tell and any number that they have no room for, spread over cables
 * w0, w1 … or on one device, for either product.
 * @param {{ priority: number, instances: number, device?: string, vipsEach?: number, advertIntervalS?: number,
 *   trackFile?: string, bfd?: { source: string, neighbor: string } }} options a number in `trackFile` is taken off the
 *   priority; `bfd`: duet takes over when that session goes down
 */
export function bigConf(kind, options) {
  const {
    priority,
    instances,
    device,
    vipsEach = 1,
    advertIntervalS = 1,
    trackFile,
    bfd,
  } = options;
  const head = kind === "duet" ? duetHead(trackFile, bfd) : keepalivedHead(trackFile);
  const each = Array.from({ length: instances }, (_, i) => {
    const cable = Math.floor(i / 250);
    const vips = Array.from({ length: vipsEach }, (__, v) => {
      const at = (i % 250) * vipsEach + v;
      return `10.${cable}.${1 + Math.floor(at / 250)}.${1 + (at % 250)}/32`;
    });
    const values = {
      name: `V${i}`,
      device: device ?? `w${cable}`,
      vrid: 1 + (i % 250),
      priority,
      advertIntervalS,
      trackFile,
      bfd,
    };
    return kind === "duet" ? duetInstance(values, vips) : keepalivedInstance(values, vips);
  });
  return head + each.join("");
}

function duetHead(trackFile, bfd) {
  const file =
    trackFile === undefined ? "" : `[track_file.less]\nfile = ${trackFile}\nweight = -1\n`;
  if (bfd === undefined) return file;
  return `${file}[bfd_instance.peer]
neighbor_ip = ${bfd.neighbor}
source_ip = ${bfd.source}
min_tx = 10ms
min_rx = 10ms
multiplier = 3
`;
}

function keepalivedHead(trackFile) {
  const tracked =
    trackFile === undefined ? "" : `track_file less {\n  file "${trackFile}"\n  weight -1\n}\n`;
  return `global_defs {\n  router_id bench\n  vrrp_higher_prio_send_advert true\n}\n${tracked}`;
}

function duetInstance({ name, device, vrid, priority, advertIntervalS, trackFile, bfd }, vips) {
  return `[vrrp_instance.${name}]
interface = ${device}
virtual_router_id = ${vrid}
priority = ${priority}
version = 3
advert_int = ${advertIntervalS}
${trackFile === undefined ? "" : "track_file[] = less\n"}${bfd === undefined ? "" : "bfd_promote = peer\n"}virtual_ipaddress[] = ${vips[0]} dev ${device}
${vips
  .slice(1)
  .map((vip) => `virtual_ipaddress_excluded[] = ${vip} dev ${device}\n`)
  .join("")}`;
}

function keepalivedInstance({ name, device, vrid, priority, advertIntervalS, trackFile }, vips) {
  return `vrrp_instance ${name} {
  state BACKUP
  interface ${device}
  virtual_router_id ${vrid}
  priority ${priority}
  version 3
  advert_int ${advertIntervalS}
${trackFile === undefined ? "" : "  track_file {\n    less\n  }\n"}  virtual_ipaddress {
    ${vips[0]} dev ${device}
  }
  virtual_ipaddress_excluded {
${vips
  .slice(1)
  .map((vip) => `    ${vip} dev ${device}\n`)
  .join("")}  }
}
`;
}
