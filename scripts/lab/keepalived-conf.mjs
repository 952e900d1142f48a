// What conf/director-a.ini and conf/director-b.ini say, in keepalived's words, for the comparison.

import { createHash } from "node:crypto";

const KIND = { dr: "DR", nat: "NAT", tun: "TUN" };

export function keepalivedConf({ node, mode, priority, answersHigher }) {
  const inside = mode === "nat" ? "\n    10.1.0.1/24 dev srv" : "";
  return `global_defs {
  router_id ${node}
  vrrp_higher_prio_send_advert ${answersHigher}
}

vrrp_instance VI_1 {
  state BACKUP
  interface pub
  virtual_router_id 51
  priority ${priority}
  advert_int 1
  virtual_ipaddress {
    10.0.0.100/24 dev pub${inside}
  }
}

virtual_server 10.0.0.100 80 {
  delay_loop 0.5
  lb_algo wrr
  lb_kind ${KIND[mode]}
  protocol TCP
${realServer("10.1.0.21", 2)}
${realServer("10.1.0.22", 1)}
}
`;
}

/** A great file, as generators write them: half of the services are asked by TCP_CHECK, half by HTTP_GET of a path of their own. */
export function greatKeepalivedConf({ services, servers }) {
  const vip = (s) => `10.0.${s >> 7}.${(s & 127) + 1}`;
  const vips = Array.from({ length: services }, (_, s) => `    ${vip(s)}/32 dev eth0\n`);
  const each = Array.from({ length: services }, (_, s) => {
    const reals = Array.from({ length: servers }, (_none, n) =>
      greatServer(`10.${10 + (s >> 8)}.${s & 255}.${n + 1}`, 1 + (n % 3), s),
    );
    return `\nvirtual_server ${vip(s)} 80 {\n  delay_loop 10\n  lb_algo wlc\n  lb_kind DR\n  protocol TCP\n${reals.join("")}}\n`;
  });
  return `vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  virtual_ipaddress {
${vips[0]}  }
  virtual_ipaddress_excluded {
${vips.slice(1).join("")}  }
}
${each.join("")}`;
}

function greatServer(address, weight, service) {
  const timing = "connect_timeout 3\n      retry 2\n      delay_before_retry 1";
  const check =
    service % 2 === 0
      ? `TCP_CHECK {\n      ${timing}\n    }`
      : `HTTP_GET {\n      url {\n        path /health/${service}\n        status_code 200\n      }\n      ${timing}\n    }`;
  return `\n  real_server ${address} 80 {\n    weight ${weight}\n    inhibit_on_failure\n    ${check}\n  }\n`;
}

function realServer(address, weight) {
  const digest = createHash("md5").update("ok\n").digest("hex");
  return `  real_server ${address} 80 {
    weight ${weight}
    HTTP_GET {
      url {
        path /ok.html
        digest ${digest}
      }
      connect_timeout 1
      retry 1
      delay_before_retry 0.2
    }
  }`;
}
