// The entry of `--role reader`: one file in, one ReadResult out on the channel.

import { readConfigFile } from "../config/read.ts";

export function runReader(file: string): void {
  process.send?.(readConfigFile(file), undefined, undefined, () => process.disconnect());
}
