// The same real servers with the same checks, in the words of duet, of keepalived and of ldirectord.

/**
 * @typedef {{ address: string, port: number }} Place
 * @typedef {{ name: string, vip: string, type: "tcp" | "http", intervalS: number, timeoutS: number, servers: Place[] }}
 *   Group one virtual server; it answers at port 80
 * @param {"duet" | "keepalived" | "ldirectord"} kind
 * @param {Group[]} groups
 */
export function checksConf(kind, groups) {
  return WRITERS[kind](groups);
}

const WRITERS = {
  duet: (groups) => groups.map(duetGroup).join("\n"),
  keepalived: (groups) =>
    `global_defs {\n  router_id bench\n}\n${groups.map(keepalivedGroup).join("")}`,
  ldirectord: ldirectordConf,
};

function duetGroup({ name, vip, type, intervalS, timeoutS, servers }) {
  const own = type === "tcp" ? "" : "path = /\nstatus = 200\n";
  const each = servers.map(
    ({ address, port }, i) => `[real_server.${name}.s${i}]\naddress = ${address}:${port}\n`,
  );
  return `[check.${name}]
type = ${type}
interval = ${intervalS}
timeout = ${timeoutS}
retry = 0
${own}
[virtual_server.${name}]
address = ${vip}:80
lb_algo = rr
protocol = tcp
lb_kind = NAT
check[] = ${name}
${each.join("")}`;
}

function keepalivedGroup({ vip, type, intervalS, timeoutS, servers }) {
  const timing = `connect_timeout ${timeoutS}\n      retry 0`;
  const checker =
    type === "tcp"
      ? `TCP_CHECK {\n      ${timing}\n    }`
      : `HTTP_GET {\n      url {\n        path /\n        status_code 200\n      }\n      ${timing}\n    }`;
  const each = servers.map(
    ({ address, port }) =>
      `  real_server ${address} ${port} {\n    weight 1\n    ${checker}\n  }\n`,
  );
  return `virtual_server ${vip} 80 {
  delay_loop ${intervalS}
  lb_algo rr
  lb_kind NAT
  protocol TCP
${each.join("")}}
`;
}

/** Its settings are those of the file: all groups have those of the first one. */
function ldirectordConf(groups) {
  const [{ intervalS, timeoutS }] = groups;
  const each = groups.map(({ vip, type, servers }) => {
    const reals = servers.map(({ address, port }) => `    real=${address}:${port} masq\n`).join("");
    const check =
      type === "tcp"
        ? "    service=none\n    checktype=connect\n"
        : '    service=http\n    checktype=negotiate\n    request="/"\n    receive="ok"\n';
    return `virtual=${vip}:80\n${reals}    scheduler=rr\n    protocol=tcp\n${check}`;
  });
  return `checktimeout=${timeoutS}
negotiatetimeout=${timeoutS}
checkinterval=${intervalS}
failurecount=1
autoreload=no
quiescent=no
logfile="/run/ldirectord.log"

${each.join("\n")}`;
}
