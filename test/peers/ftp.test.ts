// vsftpd with its anonymous user, who has to say one of the passwords of a list.

import { type DebianServer, type Place, testDebianServer } from "../helpers/debian-server.ts";

const anonymous = (passwd: string): readonly string[] => [
  "type = ftp",
  "login = anonymous",
  `passwd = ${passwd}`,
];

const securely = ({ ca }: Place<"ftp">, way: string): readonly string[] => [
  way,
  "sni_name = www.test",
  `ca = ${ca}`,
];

function vsftpd(more: string, cases: DebianServer<"ftp">["cases"]): DebianServer<"ftp"> {
  return {
    package: "vsftpd",
    ports: ["ftp"],
    files: ({ directory, address, ports, cert, key }) => ({
      passwords: "secret\n",
      "vsftpd.conf": `listen=YES
background=NO
listen_address=${address}
listen_port=${ports.ftp}
anonymous_enable=YES
secure_email_list_enable=YES
email_password_file=${directory}/passwords
nopriv_user=nobody
anon_root=${directory}/root
secure_chroot_dir=${directory}/root
ssl_enable=YES
allow_anon_ssl=YES
force_anon_logins_ssl=NO
rsa_cert_file=${cert}
rsa_private_key_file=${key}
ftpd_banner=here is duet
${more}
`,
    }),
    prepare: ({ directory }) => [["mkdir", `${directory}/root`]],
    command: ({ directory }) => ["vsftpd", `${directory}/vsftpd.conf`],
    cases,
  };
}

testDebianServer(
  "ftp: vsftpd",
  vsftpd("", (place) => {
    const starttls = securely(place, "starttls");
    const refused = 'login_failed: login refused: "530 Login incorrect."';
    return [
      ["ftp", ["type = ftp"], "UP 220 here is duet"],
      ["ftp", anonymous("secret"), "UP 230 Login successful."],
      ["ftp", anonymous("wrong"), refused],
      ["ftp", ["type = ftp", ...starttls], "UP 220 here is duet"],
      ["ftp", [...anonymous("secret"), ...starttls], "UP 230 Login successful."],
      ["ftp", [...anonymous("wrong"), ...starttls], refused],
      ["ftp", ["type = ftp", "starttls"], /^certificate_rejected: the authority /],
      ["ftp", ["type = ftp", "tls"], /^tls_failed: the server does not speak TLS /],
      ["ftp", ["type = nntp"], 'bad_response: banner: "220 here is duet"'],
    ];
  }),
);

testDebianServer(
  "ftp: vsftpd with TLS from the start",
  vsftpd("implicit_ssl=YES", (place) => {
    const tls = securely(place, "tls");
    return [
      ["ftp", ["type = ftp", ...tls], "UP 220 here is duet"],
      ["ftp", [...anonymous("secret"), ...tls], "UP 230 Login successful."],
      ["ftp", ["type = ftp", "timeout = 1"], "timeout: no banner in 1000 ms"],
    ];
  }),
);

// nobody has no home. Whatever the session speaks, vsftpd says so in the clear.
testDebianServer(
  "ftp: vsftpd that is not set up well",
  vsftpd("ftp_username=nobody", (place) => [
    ["ftp", ["type = ftp"], "UP 220 here is duet"],
    [
      "ftp",
      anonymous("secret"),
      'login_failed: login refused: "500 OOPS: cannot change directory:/nonexistent"',
    ],
    [
      "ftp",
      [...anonymous("secret"), ...securely(place, "starttls")],
      "tls_failed: the server left TLS (wrong version number)",
    ],
  ]),
);
