// A Draft without errors -> Config: references resolved, every default and inherited value filled in.

import { buildVirtualServer } from "./director/build.ts";
import { serversByService } from "./director/effective.ts";
import { buildLvs } from "./director/lvs.ts";
import type { Config, VrrpInstanceConfig, VrrpScriptConfig, VrrpSyncGroupConfig } from "./model.ts";
import { buildGlobal, buildHooks, buildNotify, type IdentityOf, userOf } from "./node/notify.ts";
import { buildScheduling } from "./node/scheduling.ts";
import { fieldsOf, needed } from "./schema/fields.ts";
import { type Draft, nameOf, type Section } from "./schema/section.ts";
import { placeOf } from "./vrrp/address-links.ts";
import { buildWay } from "./vrrp/adverts.ts";
import { buildAnnounce, buildPacing, buildPolicy, buildStartDelay } from "./vrrp/announce.ts";
import { buildAuth } from "./vrrp/auth.ts";
import { preempts, priorityOf, syncGroupOf, versionOf } from "./vrrp/effective.ts";
import {
  buildHolds,
  buildStatics,
  buildVip,
  countPriorities,
  type Priorities,
} from "./vrrp/held.ts";
import type { KeyFile } from "./vrrp/hmac-key.ts";
import { vrrpScriptKeys, vrrpSyncGroupKeys } from "./vrrp/keys.ts";
import { buildTracked, writtenTracking } from "./vrrp/tracked.ts";
import { buildTrackers } from "./vrrp/trackers.ts";

export function buildConfig(
  draft: Draft,
  hostname: string,
  identityOf: IdentityOf,
  keyFile: (path: string) => KeyFile,
): Config {
  const checks = new Map(draft.check.map((section) => [nameOf(section), section]));
  const surrounding = { checks, draft, identityOf, built: new Map() };
  const servers = serversByService(draft);
  const priorities = countPriorities();
  return {
    global: buildGlobal(draft, hostname, identityOf),
    vrrpScripts: draft.vrrp_script.map((section) =>
      buildScript(section, userOf(section.values.user, draft, identityOf)),
    ),
    trackers: buildTrackers(draft),
    statics: buildStatics(draft, priorities),
    vrrpInstances: draft.vrrp_instance.map((section) =>
      buildInstance(section, draft, identityOf, keyFile, priorities),
    ),
    vrrpSyncGroups: draft.vrrp_sync_group.map((section) => buildGroup(section, draft, identityOf)),
    virtualServers: draft.virtual_server.map((section) =>
      buildVirtualServer(section, servers.get(nameOf(section)) ?? [], surrounding),
    ),
    lvs: buildLvs(draft),
    notify: buildNotify(draft, hostname, identityOf),
    startDelay: buildStartDelay(draft),
    pacing: buildPacing(draft),
    scheduling: buildScheduling(draft),
  };
}

function buildScript(
  section: Section<"vrrp_script">,
  user: VrrpScriptConfig["user"],
): VrrpScriptConfig {
  const { values } = section;
  return {
    name: nameOf(section),
    ...fieldsOf(vrrpScriptKeys.keys, values),
    timeoutMs: values.timeout ?? values.interval,
    ...values.weight,
    user,
  };
}

function buildInstance(
  section: Section<"vrrp_instance">,
  draft: Draft,
  identityOf: IdentityOf,
  keyFile: (path: string) => KeyFile,
  priorities: Priorities,
): VrrpInstanceConfig {
  const { values } = section;
  const group = syncGroupOf(section, draft);
  const ownInterface = needed(values.interface);
  const place = placeOf(section, draft);
  const { link, addressLinks } = place;
  const lines = values.virtual_ipaddress.map(({ value }) => value);
  return {
    vrrp: {
      name: nameOf(section),
      interface: ownInterface,
      vrid: needed(values.virtual_router_id),
      version: versionOf(section),
      priority: priorityOf(section),
      advertIntervalMs: values.advert_int,
      preempt: preempts(section),
      initialState: values.state,
      addresses: lines.map(({ address }) => address),
      syncGroup: group === undefined ? null : nameOf(group),
      auth: buildAuth(section, keyFile),
      policy: buildPolicy(section),
    },
    way: buildWay(section, draft),
    link,
    addressLinks,
    vips: lines.map((line) => buildVip(line, place)),
    holds: buildHolds(section, priorities, place),
    announce: buildAnnounce(section, draft),
    hooks: buildHooks(section, draft, identityOf, group),
    ...buildTracked(section, group, draft),
  };
}

function buildGroup(
  section: Section<"vrrp_sync_group">,
  draft: Draft,
  identityOf: IdentityOf,
): VrrpSyncGroupConfig {
  const { members, trackingWeight } = fieldsOf(vrrpSyncGroupKeys.keys, section.values);
  return {
    name: nameOf(section),
    members,
    tracked: writtenTracking(section, draft),
    trackingWeight,
    hooks: buildHooks(section, draft, identityOf),
  };
}
