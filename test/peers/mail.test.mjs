// Dovecot: POP3 and IMAP, in the clear, with STARTTLS and with TLS from the start.

import { testDebianServer } from "../../build/test/helpers/debian-server.js";

// One server each: after a refused login Dovecot takes its time for all that come from the same address.
for (const { protocol, greeting, loggedIn, refused, another, step } of [
  {
    protocol: "pop3",
    step: "PASS",
    greeting: "UP +OK Dovecot (Debian) ready.",
    loggedIn: "UP +OK Logged in.",
    refused: 'login_failed: login refused: "-ERR [AUTH] Authentication failed."',
    another: 'bad_response: not the protocol: "+OK Dovecot (Debian) ready."',
  },
  {
    protocol: "imap",
    step: "LOGIN",
    greeting: /^UP \* OK \[CAPABILITY IMAP4rev1 /,
    loggedIn: /^UP a2 OK \[CAPABILITY IMAP4rev1 /,
    refused: 'login_failed: login refused: "a2 NO [AUTHENTICATIONFAILED] Authentication failed."',
    another: /^bad_response: not the protocol: "\* OK \[CAPABILITY IMAP4rev1 /,
  },
]) {
  testDebianServer(`${protocol}: Dovecot`, {
    package: "dovecot-core",
    ports: ["plain", "secure"],
    files: ({ directory, address, ports, cert, key }) => ({
      users: 'probe:{PLAIN}secret\nanna:{PLAIN}a "\\b\n',
      "dovecot.conf": `base_dir = ${directory}/run
state_dir = ${directory}/state
log_path = /dev/stderr
listen = ${address}
protocols = ${protocol}
ssl = yes
ssl_cert = <${cert}
ssl_key = <${key}
disable_plaintext_auth = no
passdb {
  driver = passwd-file
  args = ${directory}/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=${directory}/mail
}
mail_location = maildir:${directory}/mail
service ${protocol}-login {
  inet_listener ${protocol} {
    port = ${ports.plain}
  }
  inet_listener ${protocol}s {
    port = ${ports.secure}
    ssl = yes
  }
}
`,
    }),
    prepare: ({ directory }) => [["install", "-d", "-o", "nobody", `${directory}/mail`]],
    command: ({ directory }) => ["dovecot", "-F", "-c", `${directory}/dovecot.conf`],
    cases: ({ ca }) => {
      const type = `type = ${protocol}`;
      const right = [type, "login = probe", "passwd = secret"];
      const use = ["sni_name = www.test", `ca = ${ca}`];
      return [
        ["plain", [type], greeting],
        ["plain", right, loggedIn],
        ["plain", [type, "login = anna", "passwd = 'a \"\\b'"], loggedIn],
        ["plain", [...right, "starttls", ...use], loggedIn],
        ["secure", [...right, "tls", ...use], loggedIn],
        ["secure", [type, "tls"], /^certificate_rejected: the authority /],
        ["secure", [type, "timeout = 1"], "timeout: no banner in 1000 ms"],
        ["plain", [`type = ${protocol === "pop3" ? "imap" : "pop3"}`], another],
        ["plain", [type, "login = probe", "passwd = wrong"], refused],
        // It waits for 4 s now, and 8 s the next time.
        ["plain", [...right, "timeout = 1"], `timeout: no answer to ${step} in 1000 ms`],
      ];
    },
  });
}
