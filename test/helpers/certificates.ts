// Certificates made by openssl for one test: good ones and bad ones.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { temporaryDirectory } from "./sockets.ts";

export type Certificate = { readonly cert: string; readonly key: string };

export type Certificates = {
  /** The authority that signs them. */
  readonly ca: string;
  /** For www.test, the names in `names`, for so many days; negative = it has expired. */
  readonly make: (days: number, names?: string) => Certificate;
  readonly selfSigned: () => Certificate;
};

export function certificates(t: ExecutionContext): Certificates {
  const directory = temporaryDirectory(t);
  const ca = authority(directory, "ca");
  let count = 0;
  return {
    ca: ca.cert,
    make(days, names = "DNS:www.test,IP:127.0.0.1") {
      const base = join(directory, String(count++));
      writeFileSync(`${base}.ext`, `subjectAltName=${names}\n`);
      openssl(`req ${NEW_KEY} -keyout ${base}.key -out ${base}.csr -subj /CN=www.test`);
      openssl(
        `x509 -req -in ${base}.csr -CA ${ca.cert} -CAkey ${ca.key} -CAcreateserial -days ${days} -extfile ${base}.ext -out ${base}.pem`,
      );
      return { cert: `${base}.pem`, key: `${base}.key` };
    },
    selfSigned: () => authority(directory, `self${count++}`),
  };
}

const NEW_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

function authority(directory: string, name: string): Certificate {
  const base = join(directory, name);
  openssl(
    `req -x509 ${NEW_KEY} -keyout ${base}.key -out ${base}.pem -days 30 -subj /CN=${name} -addext subjectAltName=DNS:www.test -addext basicConstraints=critical,CA:TRUE`,
  );
  return { cert: `${base}.pem`, key: `${base}.key` };
}

function openssl(line: string): void {
  execFileSync("openssl", line.split(" "), { stdio: "pipe" });
}
