// The readers' server of INN, alone and without a news group.

import { testDebianServer } from "../../build/test/helpers/debian-server.js";

const AS_NEWS = "setpriv --reuid=news --regid=news --clear-groups --".split(" ");

testDebianServer("nntp: INN", {
  package: "inn2",
  ports: ["nntp"],
  files: ({ directory, cert, key }) => ({
    "inn.conf": `mta: /bin/true
domain: news.test
pathhost: news.test
hismethod: hisv6
ovmethod: tradindexed
pathnews: /usr/lib/news
${["db", "run", "log", "tmp", "spool", "overview", "articles", "etc"]
  .map((name) => `path${name}: ${directory}\n`)
  .join("")}tlscertfile: ${cert}
tlskeyfile: ${key}
`,
    "storage.conf": "method tradspool {\n  newsgroups: *\n  class: 0\n}\n",
    "readers.conf": `auth all {
  auth: "ckpasswd -f ${directory}/users"
}
access all {
  users: *
  newsgroups: *
}
`,
    // openssl passwd -6 -salt duet secret
    users:
      "probe:$6$duet$UU83bnpFIBHNDQG05zK3bbHinf5gL3sjO5vMIP9nAKocYCNVv3QEL9w/NQMGP9.WENa9UpYXuZBw01BAzBUT20\n",
    active: "",
    newsgroups: "",
  }),
  prepare: ({ directory }) => [
    ["chown", "-R", "news:news", directory],
    [
      ...AS_NEWS,
      "env",
      `INNCONF=${directory}/inn.conf`,
      "/usr/lib/news/bin/makehistory",
      "-O",
      "-x",
    ],
  ],
  command: ({ address, ports }) => [
    "/usr/lib/news/bin/nnrpd",
    ..."-D -f -n -c readers.conf -4".split(" "),
    address,
    "-p",
    String(ports.nntp),
  ],
  environment: ({ directory }) => ({ INNCONF: `${directory}/inn.conf` }),
  cases: ({ ca }) => {
    const right = ["type = nntp", "login = probe", "passwd = secret"];
    const wrong = ["type = nntp", "login = probe", "passwd = wrong"];
    const use = ["starttls", "sni_name = www.test", `ca = ${ca}`];
    return [
      ["nntp", ["type = nntp"], /^UP 200 news\.test InterNetNews NNRP server INN 2\./],
      ["nntp", right, "UP 281 Authentication succeeded"],
      ["nntp", [...right, ...use], "UP 281 Authentication succeeded"],
      ["nntp", [...right, "starttls"], /^certificate_rejected: the authority /],
      ["nntp", wrong, 'login_failed: login refused: "481 Authentication failed"'],
      ["nntp", ["type = ftp"], /^bad_response: banner: "200 /],
    ];
  },
});
