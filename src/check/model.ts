// What a probe is asked, and what comes of it. What is configured is in types/.

/** Where a probe goes. */
export type Target = { readonly address: string; readonly port: number };

/** Why a probe failed; a closed list, so that status and metrics can count it. */
export type FailureCause =
  | "connect_refused"
  | "connect_failed"
  | "timeout"
  /** No handshake: an alert, another protocol, no version in common. */
  | "tls_failed"
  | "certificate_rejected"
  | "unexpected_answer"
  | "bad_response"
  | "wrong_status"
  | "body_mismatch"
  | "too_many_redirects"
  /** The script, the file or the operator says so. */
  | "says_down"
  /** Nothing was heard of the probe: it got no slot, or did not end. */
  | "stale"
  | "login_failed"
  | "internal";

/** What a check makes of the real server's weight. */
export type SaidWeight = { readonly kind: "set" | "add"; readonly value: number };

export type ProbeResult =
  | {
      readonly ok: true;
      readonly detail: string;
      readonly tookMs: number;
      /** Left out = the configured one. */
      readonly weight?: SaidWeight;
    }
  | {
      readonly ok: false;
      readonly cause: FailureCause;
      readonly detail: string;
      readonly tookMs: number;
    };
