// Rules of [vrrp_instance.*] and [vrrp_script.*].

import type { Report } from "../schema/lines.ts";
import { type Draft, isGiven, lineOf, type Section } from "../schema/section.ts";
import type { Surroundings } from "../surroundings.ts";
import {
  addressesMax,
  familyOfInstance,
  priorityOf,
  versionOf,
  wantsNoPreempt,
} from "./effective.ts";
import { judgeHeld } from "./held.ts";
import { judgeAdverts } from "./rules-adverts.ts";
import { judgeGroups } from "./rules-groups.ts";

type Instance = Section<"vrrp_instance">;

export function judgeVrrp(draft: Draft, surroundings: Surroundings, report: Report): void {
  judgeAdverts(draft, report);
  judgeCount(draft, report);
  judgeHeld(draft, report);
  for (const instance of draft.vrrp_instance) {
    judgeAdvertInterval(instance, report);
    judgeOwner(instance, surroundings.ownAddresses, report);
    judgePreempt(instance, report);
  }
  judgeGroups(draft, report);
}

function judgeCount(draft: Draft, report: Report): void {
  for (const instance of draft.vrrp_instance) {
    const { values } = instance;
    const family = familyOfInstance(instance);
    const max = addressesMax(family);
    const tooMany = values.virtual_ipaddress[max];
    if (tooMany !== undefined) {
      const what = family === 6 ? "IPv6 addresses" : "addresses";
      report(
        tooMany.line,
        `Cannot tell ${values.virtual_ipaddress.length} ${what} in one advert: an instance holds up to ${max}`,
      );
    }
  }
}

function judgeAdvertInterval(instance: Instance, report: Report): void {
  const ms = instance.values.advert_int;
  const version = versionOf(instance);
  // RFC 3768 §5.3.7: whole seconds in 8 bits. RFC 5798 §5.2.7: centiseconds in 12 bits.
  const fits =
    version === 2 ? ms % 1000 === 0 && ms >= 1000 : Number.isInteger(ms / 10) && ms <= 40_950;
  if (fits) return;
  const right =
    version === 2
      ? "whole seconds from 1 to 255 (version 3 takes 0.01 to 40.95)"
      : "0.01 to 40.95 seconds in steps of 10 ms";
  report(
    lineOf(instance, "advert_int"),
    `Cannot use advert_int ${ms / 1000} with version ${version}: it must be ${right}`,
  );
}

function judgeOwner(instance: Instance, own: Surroundings["ownAddresses"], report: Report): void {
  if (own === null || priorityOf(instance) !== 255) return;
  const foreign = instance.values.virtual_ipaddress.find(({ value }) => !own.has(value.address));
  if (foreign === undefined) return;
  const written = isGiven(instance, "priority");
  const line = written ? lineOf(instance, "priority") : lineOf(instance, "state");
  const subject = written ? "priority 255 is" : "state MASTER without priority means 255, which is";
  report(
    line,
    `${subject} for the owner of the addresses, and ${foreign.value.address} is no address of this machine: it is MASTER at its start without asking, takes back always, and no weight moves it (use 1 to 254)`,
    "warning",
  );
}

function judgePreempt(instance: Instance, report: Report): void {
  const { nopreempt, state } = instance.values;
  if (!wantsNoPreempt(instance)) return;
  const key = nopreempt === undefined ? "preempt" : "nopreempt";
  const cause =
    state === "MASTER" ? "state MASTER" : priorityOf(instance) === 255 ? "priority 255" : undefined;
  if (cause === undefined) return;
  const remedy = state === "MASTER" ? ": write state = BACKUP on both nodes" : "";
  report(
    lineOf(instance, key),
    `Cannot keep ${key === "preempt" ? "preempt = no" : "nopreempt"} with ${cause}, it is ignored${remedy}`,
    "warning",
  );
}
