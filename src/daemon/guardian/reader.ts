// The entry of `--role reader`: one file in, one ReadResult out on the channel.

import { readConfigFile } from "../../config/read.ts";

export async function runReader(file: string): Promise<void> {
  const result = await readConfigFile(file);
  // The guardian may be gone meanwhile: nobody wants the answer then.
  process.send?.(result, undefined, undefined, () => {
    if (process.connected) process.disconnect();
  });
}
