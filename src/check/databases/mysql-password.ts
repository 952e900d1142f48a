// How a client of MySQL proves that it knows a password.

import { constants, createHash, publicEncrypt } from "node:crypto";

/** undefined = a way to log in that duet does not know. */
export function scramble(plugin: string, password: string, nonce: Buffer): Buffer | undefined {
  if (plugin !== "mysql_native_password" && plugin !== "caching_sha2_password") return undefined;
  if (password === "") return Buffer.alloc(0);
  const secret = Buffer.from(password);
  if (plugin === "mysql_native_password") {
    const once = hash("sha1", secret);
    return xor(once, hash("sha1", nonce, hash("sha1", once)));
  }
  const once = hash("sha256", secret);
  return xor(once, hash("sha256", hash("sha256", once), nonce));
}

/** The password for the eyes of the server alone; undefined = the key is none. */
export function sealed(password: string, nonce: Buffer, publicKey: string): Buffer | undefined {
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    return publicEncrypt({ key: publicKey, padding }, xor(Buffer.from(`${password}\0`), nonce));
  } catch {
    return undefined;
  }
}

function xor(bytes: Buffer, key: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, at) => byte ^ (key[at % key.length] ?? 0)));
}

function hash(algorithm: string, ...parts: readonly Buffer[]): Buffer {
  return createHash(algorithm).update(Buffer.concat(parts)).digest();
}
