// Redis and memcached.

import { testDebianServer } from "../helpers/debian-server.ts";

testDebianServer("redis: a master with a password", {
  package: "redis-server",
  ports: ["redis", "secure"],
  files: ({ directory, address, ports, ca, cert, key }) => ({
    "redis.conf": `bind ${address}
port ${ports.redis}
tls-port ${ports.secure}
tls-cert-file ${cert}
tls-key-file ${key}
tls-ca-cert-file ${ca}
tls-auth-clients no
dir ${directory}
save ""
requirepass secret
`,
  }),
  command: ({ directory }) => ["redis-server", `${directory}/redis.conf`],
  cases: ({ ca }) => {
    const right = ["type = redis", "passwd = secret"];
    const use = ["tls", "sni_name = www.test", `ca = ${ca}`];
    return [
      ["redis", right, "UP PONG"],
      ["redis", [...right, "login = default"], "UP PONG"],
      ["redis", [...right, "role = master"], "UP master"],
      ["redis", [...right, "role = slave"], "unexpected_answer: master, wanted slave"],
      ["redis", ["type = redis"], /^login_failed: "-NOAUTH /],
      ["redis", ["type = redis", "passwd = wrong"], /^login_failed: "-WRONGPASS /],
      ["redis", [...right, "login = nobody"], /^login_failed: "-WRONGPASS /],
      ["secure", [...right, ...use], "UP PONG"],
      ["secure", [...right, "tls"], /^certificate_rejected: the authority /],
      [
        "secure",
        right,
        /^bad_response: the (?:connection was reset|server closed the connection): no answer$/,
      ],
      // It waits for the end of a line.
      ["redis", [...right, ...use, "timeout = 1"], "timeout: no TLS handshake in 1000 ms"],
      ["redis", ["type = memcached"], /^unexpected_answer: "-ERR unknown command /],
    ];
  },
});

testDebianServer("redis: a slave whose master is not there", {
  package: "redis-server",
  ports: ["redis"],
  files: ({ directory, address, ports }) => ({
    "redis.conf": `bind ${address}
port ${ports.redis}
dir ${directory}
save ""
replicaof ${address} 1
`,
  }),
  command: ({ directory }) => ["redis-server", `${directory}/redis.conf`],
  cases: () => [
    ["redis", ["type = redis"], "UP PONG"],
    ["redis", ["type = redis", "role = slave"], "UP slave"],
    ["redis", ["type = redis", "role = master"], "unexpected_answer: slave, wanted master"],
    ["redis", ["type = redis", "passwd = secret"], /^login_failed: "-ERR AUTH /],
  ],
});

testDebianServer("memcached: memcached", {
  package: "memcached",
  ports: ["memcached"],
  files: () => ({}),
  command: ({ address, ports }) => [
    ..."memcached -U 0 -u nobody -m 16 -l".split(" "),
    address,
    "-p",
    String(ports.memcached),
  ],
  cases: () => [
    ["memcached", ["type = memcached"], /^UP VERSION 1\.\d/],
    ["memcached", ["type = redis"], /^unexpected_answer: "ERROR/],
  ],
});
