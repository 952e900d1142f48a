// One readable line out of an error and the chain of its causes.

/** "Cannot join 224.0.0.18 on eth0: setsockopt: ENOBUFS", whatever was thrown. */
export function errorText(thrown: unknown): string {
  const texts: string[] = [];
  for (let error = thrown; error !== undefined && texts.length < 5; ) {
    texts.push(error instanceof Error ? error.message : JSON.stringify(error));
    error = error instanceof Error ? error.cause : undefined;
  }
  return texts.join(": ");
}
