// FRR's bfdd in a place of the test's choice, with the zebra that tells it of interfaces.

import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Place, Teardown } from "./daemon-place.ts";
import { killQuietly } from "./duet.ts";
import { eventually } from "./wait.ts";

const DIRECTORY = "/usr/lib/frr";

/** Why there is none; undefined = it is here. */
export function bfddMissing(): string | undefined {
  const missing = ["zebra", "bfdd"].find((name) => !existsSync(`${DIRECTORY}/${name}`));
  return missing === undefined ? undefined : `FRR's ${missing} is not installed`;
}

export type BfddPeer = {
  readonly status: string;
  readonly diagnostic: string;
  readonly "remote-diagnostic": string;
  readonly "remote-receive-interval": number;
  readonly "remote-transmit-interval": number;
  readonly "remote-detect-multiplier": number;
};

export type Bfdd = {
  readonly peer: () => BfddPeer | undefined;
  readonly kill: (signal: NodeJS.Signals) => void;
};

/** `lines`: what stands inside of "bfd". */
export async function startBfdd(
  t: Teardown,
  place: Place,
  lines: readonly string[],
): Promise<Bfdd> {
  const directory = mkdtempSync(join(tmpdir(), "duet-bfdd-"));
  const config = join(directory, "bfdd.conf");
  writeFileSync(config, `bfd\n${lines.join("\n")}\n!\n`);
  const [uid, gid] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "frr"])));
  for (const path of [directory, config]) chownSync(path, uid ?? 0, gid ?? 0);
  const start = (program: string, file: string, more: string): void =>
    void place.run(
      `${DIRECTORY}/${program} -d -u frr -g frr -i ${directory}/${program}.pid -z ${directory}/z --vty_socket ${directory} -f ${file}${more}`,
    );
  const pid = (program: string): number =>
    Number(readFileSync(join(directory, `${program}.pid`), "utf8"));
  t.teardown(() => {
    for (const program of ["bfdd", "zebra"]) {
      if (existsSync(join(directory, `${program}.pid`))) killQuietly(pid(program), "SIGKILL");
    }
    rmSync(directory, { recursive: true, force: true });
  });
  start("zebra", "/dev/null", "");
  await eventually("zebra's socket", () => existsSync(join(directory, "z")));
  start("bfdd", config, ` --bfdctl ${directory}/control`);
  await eventually("bfdd's terminal", () => existsSync(join(directory, "bfdd.vty")));
  return {
    peer() {
      const command = ["--vty_socket", directory, "-d", "bfdd", "-c", "show bfd peers json"];
      const text = execFileSync("vtysh", command, { encoding: "utf8", stdio: "pipe" });
      return (JSON.parse(text) as BfddPeer[])[0];
    },
    kill: (signal) => killQuietly(pid("bfdd"), signal),
  };
}
