// The entry of `--role reader`: one file in, one ReadResult out on the channel.

import { readConfigFile } from "../config/read.ts";

export function runReader(file: string): void {
  // The guardian may be gone meanwhile: nobody wants the answer then.
  process.send?.(readConfigFile(file), undefined, undefined, () => {
    if (process.connected) process.disconnect();
  });
}
