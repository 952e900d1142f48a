// strict_mode: only what the RFC knows. Keys that go beyond it are overridden before anything else looks at them, and a
// warning says so; what cannot be overridden is refused. The points are keepalived's, so that a file means the same.

import type { KeyName } from "../keys.ts";
import { IFF_MULTICAST } from "../node/rules-machine.ts";
import type { Report } from "../schema/lines.ts";
import { type Draft, isGiven, lineOf, type Section } from "../schema/section.ts";
import type { Surroundings } from "../surroundings.ts";
import { familyOfInstance, isUnicast, priorityOf, versionOf } from "./effective.ts";

type Instance = Section<"vrrp_instance">;
type Values = Instance["values"];
type Key = KeyName<"vrrp_instance">;

type Point = {
  readonly key: Key;
  /** What holds whatever is written; undefined = as if the key were not there. */
  readonly value: number | boolean | string | undefined;
  /** Reads on after "it is". */
  readonly said: string;
  readonly why: string;
};

const POINTS: readonly Point[] = [
  ...(["auth_type", "auth_pass"] as const).map((key) => ({
    key,
    value: undefined,
    said: "ignored",
    why: "RFC 3768 §10 has no authentication",
  })),
  {
    key: "auth_hmac_mode",
    value: "enforce",
    said: "enforce",
    why: "what is signed is signed on both sides",
  },
  {
    key: "preempt_delay",
    value: 0,
    said: "0",
    why: "a router of higher priority takes over when the timer ends (RFC 5798 §6.4.2)",
  },
  {
    key: "down_timer_adverts",
    value: 3,
    said: "3",
    why: "Master_Down_Interval is three intervals and the skew (RFC 5798 §6.1)",
  },
  {
    key: "lower_prio_no_advert",
    value: true,
    said: "yes",
    why: "an advert of lower priority is discarded (RFC 5798 §6.4.3)",
  },
  {
    key: "higher_prio_send_advert",
    value: false,
    said: "no",
    why: "who hears a better master says nothing more (RFC 5798 §6.4.3)",
  },
  ...(["garp_lower_prio_repeat", "garp_lower_prio_delay"] as const).map((key) => ({
    key,
    value: 0,
    said: "0",
    why: "a new master announces, nobody else (RFC 5798 §6.4.3)",
  })),
  {
    key: "vmac_xmit_base",
    value: false,
    said: "no",
    why: "adverts leave with the virtual MAC (RFC 5798 §7.2)",
  },
  {
    key: "owner_ignore_adverts",
    value: true,
    said: "yes",
    why: "the owner of the addresses hears nobody (RFC 5798 §7.1)",
  },
];

/** The draft as it counts. */
export function obeyStrict(draft: Draft): Draft {
  const instances = draft.vrrp_instance.map((instance): Instance => {
    if (!instance.values.strict_mode) return instance;
    const priority = priorityOf(instance);
    const forced = Object.fromEntries(POINTS.map(({ key, value }) => [key, value]));
    // MASTER means priority 255 to who writes no priority: looked at before it is taken away.
    const state: Values["state"] = priority === 255 ? "MASTER" : "BACKUP";
    const accept = acceptOf(instance);
    const { use_vmac } = instance.values;
    const values = {
      ...instance.values,
      ...forced,
      ...accept,
      priority,
      state,
      use_vmac: use_vmac && { ...use_vmac, mac: null },
    };
    return { ...instance, values };
  });
  return { ...draft, vrrp_instance: instances };
}

/** RFC 5798 §6.1: Accept_Mode is off where it is not written; RFC 3768 has none, so only the owner answers. */
function acceptOf(instance: Instance): Pick<Values, "accept" | "no_accept"> {
  const { accept, no_accept } = instance.values;
  const isContradiction = accept !== undefined && accept === no_accept;
  if (priorityOf(instance) === 255 || isContradiction) return { accept, no_accept };
  const isWritten = accept ?? no_accept === false;
  return { accept: isWritten && versionOf(instance) === 3, no_accept: undefined };
}

/** `written`: the draft before obeyStrict(). */
export function judgeStrict(written: Draft, surroundings: Surroundings, report: Report): void {
  for (const instance of written.vrrp_instance) {
    if (!instance.values.strict_mode) continue;
    judgeOverridden(instance, report);
    judgeAccept(instance, report);
    judgeRefused(instance, surroundings, report);
  }
}

function judgeOverridden(instance: Instance, report: Report): void {
  const { values } = instance;
  for (const { key, value, said, why } of POINTS) {
    if (!isGiven(instance, key) || values[key] === value) continue;
    report(
      lineOf(instance, key),
      `Cannot keep ${key} with strict_mode, it is ${said}: ${why}`,
      "warning",
    );
  }
  if ((values.use_vmac?.mac ?? null) !== null) {
    report(
      lineOf(instance, "use_vmac"),
      `Cannot keep the MAC of use_vmac with strict_mode, it is that of the VRID (RFC 5798 §7.3)`,
      "warning",
    );
  }
  const isOwner = priorityOf(instance) === 255;
  if (!isGiven(instance, "state") || (values.state === "MASTER") === isOwner) return;
  report(
    lineOf(instance, "state"),
    `Cannot keep state ${values.state} with strict_mode, it is ${isOwner ? "MASTER" : "BACKUP"}: MASTER is for the owner of the addresses, who has priority 255, and for nobody else (RFC 5798 §6.4.1)`,
    "warning",
  );
}

function judgeAccept(instance: Instance, report: Report): void {
  const { accept, no_accept } = instance.values;
  const isOverridden = versionOf(instance) === 2 && priorityOf(instance) !== 255;
  if (!isOverridden || !(accept ?? no_accept === false)) return;
  const key = accept === undefined ? "no_accept" : "accept";
  report(
    lineOf(instance, key),
    `Cannot keep ${key} ${accept === undefined ? "no" : "yes"} with strict_mode in version 2, nobody is answered: RFC 3768 §6.4.3 lets only the owner of the addresses answer at them (version 3 takes accept)`,
    "warning",
  );
}

function judgeRefused(instance: Instance, { deviceFlags }: Surroundings, report: Report): void {
  const { virtual_ipaddress: addresses, interface: device } = instance.values;
  const [first] = addresses;
  if (instance.values.no_virtual_ipaddress && first === undefined) {
    report(
      lineOf(instance, "no_virtual_ipaddress"),
      "Cannot use no_virtual_ipaddress with strict_mode: an advert tells at least one address (RFC 5798 §5.2.5)",
    );
  }
  // What is not here is taken for an Ethernet that comes later.
  const speaksMulticast =
    device !== undefined && ((deviceFlags(device) ?? IFF_MULTICAST) & IFF_MULTICAST) !== 0;
  if (isUnicast(instance) && speaksMulticast) {
    const key = isGiven(instance, "unicast_peer") ? "unicast_peer" : "unicast_fault_no_peer";
    report(
      lineOf(instance, key),
      `Cannot use ${key} with strict_mode on ${device}: adverts go to the multicast group (RFC 5798 §5.1.1.2), and this interface can`,
    );
  }
  const isInet6 = familyOfInstance(instance) === 6 && !isUnicast(instance);
  if (isInet6 && first !== undefined && !isLinkLocal(first.value.address)) {
    report(
      first.line,
      `Cannot use virtual_ipaddress ${first.value.address} first with strict_mode: it must be link-local, such as fe80::1 (RFC 5798 §5.2.9)`,
    );
  }
}

/** fe80::/10 */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/.test(address);
}
