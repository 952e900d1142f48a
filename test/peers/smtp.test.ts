// Exim: SMTP, submission with STARTTLS and AUTH, and TLS from the start.

import { testDebianServer } from "../helpers/debian-server.ts";

testDebianServer("smtp: Exim", {
  package: "exim4-daemon-light",
  ports: ["smtp", "submission", "smtps", "login", "closed"],
  files: ({ directory, address, ports, cert, key }) => ({
    "exim.conf": `primary_hostname = mx.test
local_interfaces = ${address}
daemon_smtp_ports = ${Object.values(ports).join(" : ")}
tls_on_connect_ports = ${ports.smtps}
tls_advertise_hosts = *
tls_certificate = ${cert}
tls_privatekey = ${key}
spool_directory = ${directory}/spool
log_file_path = ${directory}/%slog
pid_file_path = ${directory}/pid
acl_smtp_connect = connect
begin acl
connect:
  drop condition = \${if eq{$received_port}{${ports.closed}}}
       message = no mail today
  accept
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{probe}}{eq{$auth3}{secret}}}}
  server_advertise_condition = \${if and{{def:tls_in_cipher}{!eq{$received_port}{${ports.login}}}}}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = \${if and{{eq{$auth1}{probe}}{eq{$auth2}{secret}}}}
  server_advertise_condition = \${if eq{$received_port}{${ports.login}}}
`,
  }),
  prepare: ({ directory, key }) => [
    ["mkdir", `${directory}/spool`],
    ["chown", "Debian-exim", directory, `${directory}/spool`, key],
  ],
  command: ({ directory }) => ["exim4", "-bdf", "-C", `${directory}/exim.conf`],
  cases: ({ ca }) => {
    const smtp = ["type = smtp", "helo_name = lb1.test"];
    const tls = [...smtp, "sni_name = www.test", `ca = ${ca}`];
    const right = ["login = probe", "passwd = secret"];
    const wrong = ["login = probe", "passwd = wrong"];
    return [
      ["smtp", smtp, /^UP 220 mx\.test ESMTP Exim 4\./],
      ["smtp", [...tls, "starttls"], /^UP 220 mx\.test ESMTP Exim 4\./],
      [
        "smtp",
        ["type = smtp", "starttls"],
        /^certificate_rejected: the authority of the certificate is not known here/,
      ],
      [
        "smtp",
        ["type = smtp", "starttls", `ca = ${ca}`, "sni_name = other.test"],
        /^certificate_rejected: the certificate is for www\.test, .*, not for other\.test$/,
      ],
      ["smtp", [...tls, "tls"], /^tls_failed: the server does not speak TLS/],
      [
        "smtp",
        ["type = smtp", "helo_name = 'a@b'"],
        'bad_response: EHLO: "501 Syntactically invalid EHLO argument(s)"',
      ],
      ["smtp", [...smtp, ...right], /^login_failed: /],
      ["submission", [...tls, "starttls", ...right], "UP 235 Authentication succeeded"],
      [
        "submission",
        [...tls, "starttls", ...wrong],
        'login_failed: login refused: "535 Incorrect authentication data"',
      ],
      ["smtps", [...tls, "tls", ...right], "UP 235 Authentication succeeded"],
      [
        "smtps",
        [...tls, "tls", ...wrong],
        'login_failed: login refused: "535 Incorrect authentication data"',
      ],
      ["smtps", [...smtp, "timeout = 1"], "timeout: no banner in 1000 ms"],
      ["login", [...smtp, ...right], "UP 235 Authentication succeeded"],
      [
        "login",
        [...smtp, ...wrong],
        'login_failed: login refused: "535 Incorrect authentication data"',
      ],
      ["closed", smtp, 'bad_response: banner: "550 no mail today"'],
      ["smtp", ["type = pop3"], /^bad_response: /],
    ];
  },
});
