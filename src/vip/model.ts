// The words of the VIP room: what a master holds.

export type Scope = "global" | "site" | "link" | "host" | "nowhere";

export type Vip = {
  readonly address: string;
  readonly prefixLength: number;
  /** The interface it is put on; may differ from the one that adverts leave by. */
  readonly interface: string;
  readonly scope: Scope;
  readonly label: string | null;
  readonly broadcast: string | null;
};

/** When gratuitous ARP goes out; keepalived's garp_master_*. */
export type AnnounceConfig = {
  readonly repeat: number;
  /** Pause before the second burst; 0 = no second burst. */
  readonly delayMs: number;
  /** The same for "somebody lower claims to be master"; keepalived's garp_lower_prio_*. */
  readonly lowerRepeat: number;
  readonly lowerDelayMs: number;
  /** Period of the bursts while MASTER; 0 = none. */
  readonly refreshMs: number;
  readonly refreshRepeat: number;
};
