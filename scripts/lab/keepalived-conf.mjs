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
