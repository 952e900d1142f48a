// FreeRADIUS, with one user whose password is longer than a block of MD5.

import { testDebianServer } from "../../build/test/helpers/debian-server.js";

const PASSWORD = "a password of more than sixteen bytes";

testDebianServer("radius: FreeRADIUS", {
  package: "freeradius",
  ports: ["radius"],
  files: ({ directory, address, ports }) => ({
    "radiusd.conf": `logdir = ${directory}
run_dir = ${directory}
libdir = /usr/lib/freeradius
log {
  destination = stdout
}
security {
  user = nobody
  group = nogroup
  reject_delay = 0
  status_server = yes
}
client director {
  ipaddr = 127.0.0.0/8
  secret = testing123
}
modules {
  pap {
  }
}
server default {
  listen {
    type = auth
    ipaddr = ${address}
    port = ${ports.radius}
  }
  authorize {
    if (&User-Name == "probe") {
      update control {
        Cleartext-Password := "${PASSWORD}"
      }
    }
    pap
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
  }
}
`,
  }),
  prepare: ({ directory }) => [["chown", "nobody", directory]],
  command: ({ directory }) => ["freeradius", "-f", "-d", directory, "-l", "stdout"],
  cases: () => {
    const server = ["type = radius", "secret = testing123"];
    const right = [...server, "login = probe", `passwd = '${PASSWORD}'`];
    const wrong = [...server, "login = probe", "passwd = wrong"];
    const stranger = ["type = radius", "secret = wrong", "timeout = 0.5"];
    const silence = "timeout: no answer, as to a wrong secret or an unknown client, in 500 ms";
    return [
      ["radius", right, "UP Access-Accept"],
      ["radius", [...right, "nas_ip = 127.0.0.1"], "UP Access-Accept"],
      [
        "radius",
        [...right, "reply = reject"],
        "unexpected_answer: Access-Accept, wanted Access-Reject",
      ],
      ["radius", wrong, "login_failed: Access-Reject"],
      ["radius", [...server, "login = nobody", "passwd = x"], "login_failed: Access-Reject"],
      ["radius", [...wrong, "reply = reject"], "UP Access-Reject"],
      ["radius", [...wrong, "reply = any"], "UP Access-Reject"],
      ["radius", server, "UP Access-Accept"],
      ["radius", [...stranger, "login = probe", `passwd = '${PASSWORD}'`], silence],
      ["radius", stranger, silence],
    ];
  },
});
