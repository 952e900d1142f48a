// OpenLDAP's slapd, with a directory of three entries that only its users may read.

import { testDebianServer } from "../helpers/debian-server.ts";

testDebianServer("ldap: slapd", {
  package: "slapd",
  ports: ["ldap", "ldaps"],
  files: ({ directory, ca, cert, key }) => ({
    "slapd.conf": `include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_ldif
pidfile ${directory}/pid
argsfile ${directory}/args
TLSCACertificateFile ${ca}
TLSCertificateFile ${cert}
TLSCertificateKeyFile ${key}
database ldif
directory ${directory}/db
suffix dc=test
rootdn cn=admin,dc=test
rootpw secret
access to attrs=userPassword by anonymous auth by * none
access to dn.base=dc=test by * read
access to * by users read by * none
`,
    "start.ldif": `dn: dc=test
objectClass: dcObject
objectClass: organization
o: test
dc: test

dn: cn=probe,dc=test
objectClass: person
cn: probe
sn: probe
userPassword: known

dn: ou=lost,dc=test
objectClass: referral
objectClass: extensibleObject
ou: lost
ref: ldap://127.0.0.1:1/dc=test
`,
  }),
  prepare: ({ directory }) => [
    ["mkdir", `${directory}/db`],
    ["slapadd", "-f", `${directory}/slapd.conf`, "-l", `${directory}/start.ldif`],
  ],
  command: ({ directory, address, ports }) => [
    "slapd",
    "-d",
    "0",
    "-f",
    `${directory}/slapd.conf`,
    "-h",
    `ldap://${address}:${ports.ldap} ldaps://${address}:${ports.ldaps}`,
  ],
  cases: ({ ca }) => {
    const probe = ["type = ldap", "login = 'cn=probe,dc=test'", "passwd = known"];
    const secure = ["tls", "sni_name = www.test", `ca = ${ca}`];
    const upgraded = secure.map((line) => (line === "tls" ? "starttls" : line));
    return [
      ["ldap", ["type = ldap"], "UP bound"],
      ["ldap", probe, "UP bound"],
      ["ldap", [...probe, "base = 'cn=probe,dc=test'"], "UP one entry"],
      ["ldap", ["type = ldap", "base = 'dc=test'"], "UP one entry"],
      [
        "ldap",
        ["type = ldap", "base = 'cn=probe,dc=test'"],
        "unexpected_answer: no entry, wanted one",
      ],
      ["ldap", [...probe, "base = 'cn=nobody,dc=test'"], "unexpected_answer: search: noSuchObject"],
      ["ldap", [...probe, "base = 'ou=lost,dc=test'"], "bad_response: search: referral"],
      ["ldap", [...probe, "base = 'dc=elsewhere'"], "unexpected_answer: search: noSuchObject"],
      ["ldap", [...probe, "base = 'no name'"], /^bad_response: search: invalidDNSyntax/],
      [
        "ldap",
        ["type = ldap", "login = 'cn=probe,dc=test'", "passwd = wrong"],
        "login_failed: bind: invalidCredentials",
      ],
      [
        "ldap",
        ["type = ldap", "login = 'cn=nobody,dc=test'", "passwd = known"],
        "login_failed: bind: invalidCredentials",
      ],
      [
        "ldap",
        ["type = ldap", "login = probe", "passwd = known"],
        /^login_failed: bind: invalidDNSyntax/,
      ],
      ["ldaps", [...probe, ...secure, "base = 'dc=test'"], "UP one entry"],
      ["ldap", [...probe, ...upgraded, "base = 'cn=probe,dc=test'"], "UP one entry"],
      ["ldap", [...probe, "starttls"], /^certificate_rejected: /],
      ["ldaps", [...probe, ...upgraded], /^bad_response: /],
      [
        "ldaps",
        [...probe, "tls"],
        /^certificate_rejected: the authority of the certificate is not known here/,
      ],
      ["ldap", [...probe, ...secure], /^tls_failed: /],
      ["ldaps", probe, /^bad_response: /],
    ];
  },
});
