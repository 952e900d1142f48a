// Words of the checks that speak over one TCP stream, with or without TLS.

export type Step =
  | { readonly kind: "send"; readonly hex: string }
  /** The bytes have to come, whatever stands before them. */
  | { readonly kind: "expect"; readonly hex: string }
  /** On what came since the last expectation, as UTF-8; ^ and $ stand at lines. */
  | { readonly kind: "regex"; readonly source: string };

export type TlsVersion = "1.0" | "1.1" | "1.2" | "1.3";

/** How a probe speaks TLS. */
export type TlsUse = {
  /** Sent as SNI, and what the certificate must be for; null = no SNI, and the address that is probed. */
  readonly serverName: string | null;
  /** The chain, the dates and the name of the certificate. */
  readonly verify: boolean;
  /** Certificates of the authorities, PEM; null = those of the system. */
  readonly caFile: string | null;
  /** What this end shows when it is asked, PEM; both may be one file. null = nothing. */
  readonly own: { readonly certificateFile: string; readonly keyFile: string } | null;
  readonly minVersion: TlsVersion;
  /** A success says so when the certificate has no more days than this; null = never. */
  readonly expiryWarningDays: number | null;
};
