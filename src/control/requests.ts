// What can be asked on the control socket, and how the answers look.

/** The answer to POST /v1/reload, POST /v1/confirm and POST /v1/stop: HTTP 200 when ok, 409 when refused. */
export type Answer = {
  readonly ok: boolean;
  /** Why not; warnings when ok. */
  readonly reasons: readonly string[];
};

/** The body of every other refusal (400, 404, 405, 500). */
export type ErrorBody = { readonly error: string };

/** Of the guardian. */
export type Verb = "reload" | "confirm" | "stop";

/** How long a reload may wait for its confirmation. */
export const CONFIRM_MS_MIN = 1000;
export const CONFIRM_MS_MAX: number = 24 * 3600 * 1000;

export function isConfirmMs(ms: number): boolean {
  return ms >= CONFIRM_MS_MIN && ms <= CONFIRM_MS_MAX;
}

export function controlSocketPath(runDir: string): string {
  return `${runDir}/duet.sock`;
}

export function isAnswer(body: unknown): body is Answer {
  const { ok, reasons } = (body ?? {}) as { readonly ok?: unknown; readonly reasons?: unknown };
  return typeof ok === "boolean" && Array.isArray(reasons);
}
