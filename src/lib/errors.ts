// One readable line out of an error and the chain of its causes, or out of what a file system said.

/** "Cannot join 224.0.0.18 on eth0: setsockopt: ENOBUFS", whatever was thrown. */
export function errorText(thrown: unknown): string {
  const texts: string[] = [];
  for (let error = thrown; error !== undefined && texts.length < 5; ) {
    texts.push(error instanceof Error ? error.message : JSON.stringify(error));
    error = error instanceof Error ? error.cause : undefined;
  }
  return texts.join(": ");
}

const reasons: ReadonlyMap<string | undefined, string> = new Map([
  ["ENOENT", "it does not exist"],
  ["EACCES", "permission denied"],
  ["EISDIR", "it is a directory"],
  ["ENOTDIR", "a part of its path is not a directory"],
]);

/** Why a file cannot be used, in words. */
export function reasonOf(error: unknown): string {
  return reasons.get(codeOf(error)) ?? (error instanceof Error ? error.message : String(error));
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
