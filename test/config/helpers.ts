// What the tests of the config room share: a small configuration that is right, and ways to break it.

import type { CheckConfig } from "../../src/check/types/index.ts";
import type { Config, Problem } from "../../src/config/model.ts";
import { type NativeSource, readNative } from "../../src/config/native.ts";

export const INSTANCE = `[vrrp_instance.VI_1]
interface = eth0
virtual_router_id = 51
virtual_ipaddress[] = 10.0.0.100/24
`;

export const SERVICE = `[virtual_server.web]
address = 10.0.0.100:80
protocol = tcp
[real_server.web.rs1]
address = 10.0.0.21:80
`;

export const OWN_ADDRESSES: ReadonlySet<string> = new Set(["10.0.0.1", "127.0.0.1"]);

/** What every file of a key holds. */
export const KEY_TEXT = "0123456789abcdef0123456789abcdef";

/** A check of these lines, the first of which is line 2, and who uses it. */
export function checkText(...lines: readonly string[]): string {
  return `[check.c]
${lines.join("\n")}
[virtual_server.web]
address = 10.0.0.100:80
protocol = tcp
check[] = c
[real_server.web.rs1]
address = 10.0.0.21:80
`;
}

export function checkOf(text: string): CheckConfig {
  const check = configOf(text).virtualServers[0]?.realServers[0]?.checks[0];
  if (check === undefined) throw new Error("There is no check");
  return check;
}

export function problemsOf(text: string, more: Partial<NativeSource> = {}): readonly Problem[] {
  const result = readText(text, more);
  return result.ok ? result.warnings : result.problems;
}

/** "3: Cannot …", "4: warning: Cannot …" */
export function linesOf(text: string, more: Partial<NativeSource> = {}): readonly string[] {
  return problemsOf(text, more).map(
    ({ line, severity, message }) =>
      `${line}: ${severity === "warning" ? "warning: " : ""}${message}`,
  );
}

export function configOf(text: string): Config {
  const result = readText(text);
  if (result.ok) return result.config;
  throw new Error(result.problems.map(({ line, message }) => `${line}: ${message}`).join("\n"));
}

function readText(text: string, more: Partial<NativeSource> = {}): ReturnType<typeof readNative> {
  return readNative({
    file: "x.ini",
    text,
    hostname: "host1",
    ownAddresses: OWN_ADDRESSES,
    keyFile: () => ({ ok: true, text: KEY_TEXT }),
    ...more,
  });
}
