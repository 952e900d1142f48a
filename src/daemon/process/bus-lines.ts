// Newline-delimited JSON on a stream: cuts chunks into lines. It does not parse them.

export type LineReader = {
  /** False when a line passes the limit: the stream is then of no use any more. */
  readonly give: (chunk: Buffer) => boolean;
};

/** `onLine` returns false to stop reading; what follows in the chunk is then ignored. */
export function openLineReader(options: {
  readonly limitBytes: number;
  readonly onLine: (line: string) => boolean;
}): LineReader {
  let parts: Buffer[] = [];
  let lengthBytes = 0;

  return {
    give(chunk) {
      let rest = chunk;
      for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
        if (lengthBytes + end > options.limitBytes) return false;
        const line = Buffer.concat([...parts, rest.subarray(0, end)]).toString("utf8");
        parts = [];
        lengthBytes = 0;
        rest = rest.subarray(end + 1);
        if (!options.onLine(line)) return false;
      }
      lengthBytes += rest.length;
      if (rest.length > 0) parts.push(rest);
      return lengthBytes <= options.limitBytes;
    },
  };
}

/** The value of one line; undefined when it is no JSON. */
export function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
