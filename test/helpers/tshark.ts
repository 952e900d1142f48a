// What Wireshark says of a capture: a judge that knows the protocols and none of our code.

import { execFileSync } from "node:child_process";

/** It judges no checksum of IP and version 3 by itself. Those of UDP are made by the kernel, after the capture. */
const CHECKSUMS = ["ip.check_checksum:TRUE"];

export type Reading = {
  /** Version 3's checksum without a pseudo header (RFC 9568 over IPv4). */
  readonly checksumAsV2?: boolean;
};

/** One line a packet, its fields with tabs between. */
export function fields(
  file: string,
  filter: string,
  names: readonly string[],
  reading: Reading = {},
): readonly string[] {
  const wanted = names.flatMap((name) => ["-e", name]);
  const printed = tshark(file, [...options(reading), "-Y", filter, "-T", "fields", ...wanted]);
  return printed.split("\n").filter((line) => line !== "");
}

/** Every line in which it finds something wrong with a packet. */
export function complaints(file: string, reading: Reading = {}): readonly string[] {
  const wrong = /Malformed|incorrect|\[Expert Info \((Warning|Error)/;
  return tshark(file, [...options(reading), "-V"])
    .split("\n")
    .filter((line) => wrong.test(line));
}

function options({ checksumAsV2 = false }: Reading): readonly string[] {
  const v3 = `vrrp.v3_checksum_as_in_v2:${checksumAsV2 ? "TRUE" : "FALSE"}`;
  return [...CHECKSUMS, v3].flatMap((option) => ["-o", option]);
}

function tshark(file: string, args: readonly string[]): string {
  return execFileSync("tshark", ["-r", file, ...args], {
    encoding: "utf8",
    maxBuffer: 64 << 20,
    stdio: ["ignore", "pipe", "ignore"],
  });
}
