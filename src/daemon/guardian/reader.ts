// The entry of `--role reader`: one file, and how to read it, in, one ReadResult out on the channel.

import { readConfigFile } from "../../config/read.ts";
import type { ReadOptions } from "../../config/read-options.ts";

export async function runReader(file: string, how: string): Promise<void> {
  const result = await readConfigFile(file, JSON.parse(how) as ReadOptions);
  // The guardian may be gone meanwhile: nobody wants the answer then.
  process.send?.(result, undefined, undefined, () => {
    if (process.connected) process.disconnect();
  });
}
