// Network namespaces for tests. A test file is a process of its own, so it moves itself into a new namespace
// and the kernel cleans everything up when the process ends.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { check, unshare } from "../../src/kernel/ffi.ts";

const CLONE_NEWNET = 0x40000000;

/**
 * Without IPv6 a namespace is silent: nothing is on the wire that a test did not cause. With it, addresses are there at
 * once (no duplicate address detection) and nobody solicits routers.
 */
export type NetworkOptions = { readonly ipv6?: boolean };

/** Leaves the machine's network for good: only a loopback is here. Needs root. */
export function enterNewNetwork({ ipv6 = false }: NetworkOptions = {}): void {
  check("unshare(CLONE_NEWNET)", unshare(CLONE_NEWNET));
  ip("link set lo up");
  for (const assignment of settingsOf(ipv6)) sysctl(assignment);
}

/** Runs `ip ARGUMENTS` here and returns what it prints. */
export function ip(args: string): string {
  return execFileSync("ip", args.split(" "), { encoding: "utf8" });
}

export function sysctl(assignment: string): void {
  execFileSync("sysctl", ["-qw", assignment]);
}

function settingsOf(ipv6: boolean): readonly string[] {
  const settings = ipv6 ? ["accept_dad=0", "router_solicitations=0"] : ["disable_ipv6=1"];
  return ["all", "default"].flatMap((where) =>
    settings.map((setting) => `net.ipv6.conf.${where}.${setting}`),
  );
}

/** The IPv6 address that the kernel gave an interface. */
export function linkLocalOf(
  place: { readonly run: (command: string) => string },
  device: string,
): string {
  const printed = place.run(`ip -o -6 address show dev ${device} scope link`);
  return /inet6 (\S+)\/64/.exec(printed)?.[1] ?? "";
}

/** A second namespace, alive as long as `close` is not called and this process lives. */
export type Neighbour = {
  readonly pid: number;
  readonly run: (command: string) => string;
  readonly spawn: (command: string, args: readonly string[]) => ChildProcess;
  readonly close: () => void;
};

/** Joined to this namespace by a veth pair: `here` on our side, `there` on its side, both up. */
export async function openNeighbour(
  here: string,
  there: string,
  { ipv6 = false }: NetworkOptions = {},
): Promise<Neighbour> {
  const holder = spawn(
    "unshare",
    ["--net", "--kill-child", "sh", "-c", "echo up; exec sleep 600"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  const pid = holder.pid ?? 0;
  const inside = ["--target", String(pid), "--net"];
  const run = (command: string): string =>
    execFileSync("nsenter", [...inside, ...command.split(" ")], { encoding: "utf8" });
  run(`sysctl -qw ${settingsOf(ipv6).join(" ")}`);
  run("ip link set lo up");
  ip(`link add ${here} type veth peer name ${there} netns ${pid}`);
  ip(`link set ${here} up`);
  run(`ip link set ${there} up`);
  process.once("exit", () => holder.kill("SIGKILL"));
  return {
    pid,
    run,
    spawn: (command, args) =>
      spawn("nsenter", [...inside, command, ...args], { stdio: ["ignore", "pipe", "pipe"] }),
    close: () => void holder.kill("SIGKILL"),
  };
}
