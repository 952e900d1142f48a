// What `duet status` exits 1 for: one entry a reason, each of a kind of this table. A promise: kinds are only added.

/** Each kind with what it means, for help and the README. */
export const DEGRADED_KINDS = {
  instance_fault: "a VRRP instance is in FAULT and takes no part in the election",
  not_held:
    "addresses, routes or rules of an instance are not in the kernel although it is MASTER, or could not be put there",
  adverts_not_sent:
    "the adverts of a master do not leave this machine, a firewall or a full queue stops them",
  vip_on_backup:
    "a virtual address is on its interface although the instance is not MASTER here: it was not put there by duet",
  setting_refused: "a setting of the kernel that use_vmac or use_ipvlan needs could not be made",
  other_master:
    "another node acts as master of the same virtual router, and one of the two does not hear the other or does not give way",
  address_list: "the adverts of the master tell other virtual addresses than ours",
  other_router: "another virtual router (vrid) on the segment tells a virtual address of ours",
  second_address_owner:
    "somebody else on the segment answers for a virtual address that we hold as MASTER",
  no_quorum: "a virtual server has less live weight than its quorum",
  service_error: "the kernel's table does not hold a virtual server as configured",
  ipvs_error: "a setting of IPVS is not as configured",
  ipvs_drift: "somebody changed duet's services, and lvs_drift = report leaves them so",
  role_silent: "a process of duet does not answer",
  role_unloadable:
    "a process of duet cannot be started, for duet's own files are being replaced, or were",
  role_restarted: "a process of duet died and was started again in the last ten minutes",
  reload_refused: "the last reload was refused: what runs is an older configuration",
  rolled_back:
    "a reload was not confirmed and was rolled back: the configuration file is not what runs",
  file_differs: "the configuration file is not what runs, and was not loaded",
  hook_failed: "a notify script or another hook failed at the latest state it was run for",
  maintenance: "this node is in maintenance: it stays BACKUP, so that the pair has no reserve",
  mail_undelivered: "a mail could not be delivered, or waits for its mail server",
} as const satisfies Readonly<Record<string, string>>;

export type DegradedKind = keyof typeof DEGRADED_KINDS;

export type Degraded = {
  readonly kind: DegradedKind;
  /** Whom it is about: the name of an instance, a virtual server, a role ... */
  readonly subject: string;
  /** ISO 8601: since when it has been so without a break, as far as this process knows. */
  readonly since: string;
  /** Why, for people: one line without a full stop. */
  readonly text: string;
};
