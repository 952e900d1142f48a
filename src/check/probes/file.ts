// A number in a file, as keepalived's FILE_CHECK: its product with the factor is added to the weight. Unlike there, a
// file that is missing or holds no number is a failure.

import { constants, type FileHandle, open } from "node:fs/promises";
import { errorText } from "../../lib/errors.ts";
import { attempt, type Outcome } from "./attempt.ts";
import type { ProbeOf } from "./probe.ts";

const FILE_BYTES_MAX = 64;
/** keepalived's INT_MIN: DOWN. */
const FAULT = -(2 ** 31);

export const probeFile: ProbeOf<"file"> = async (_target, config, context) => {
  return attempt({ timeoutMs: config.timeoutMs, ...context }, (end) => {
    read(config.path).then(
      (text) => end(judge(text, config.factor)),
      (error: NodeJS.ErrnoException) => {
        end({ ok: false, cause: "bad_response", detail: error.code ?? errorText(error) });
      },
    );
    return () => {};
  });
};

/** A regular file only: a FIFO or a device could make its reader wait. */
async function read(path: string): Promise<string> {
  const file: FileHandle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = await file.stat();
    if (!(await file.stat()).isFile()) throw new Error("no regular file");
    if (size > FILE_BYTES_MAX) throw new Error(`longer than ${FILE_BYTES_MAX} bytes`);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(FILE_BYTES_MAX), 0);
    return buffer.toString("latin1", 0, bytesRead).trim();
  } finally {
    await file.close();
  }
}

function judge(text: string, factor: number): Outcome {
  if (!/^[+-]?\d{1,10}$/.test(text)) {
    return { ok: false, cause: "bad_response", detail: `no number: ${JSON.stringify(text)}` };
  }
  const value = Number(text);
  if (value <= FAULT) return { ok: false, cause: "says_down", detail: text };
  return { ok: true, detail: text, weight: { kind: "add", value: value * factor } };
}
