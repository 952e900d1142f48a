// Routes and rules that somebody removes, heard only while there are some of ours: a router with a million routes
// has a million changes.

import type { Config } from "../../config/model.ts";
import type { NetlinkMessage } from "../../kernel/netlink-messages.ts";
import {
  openRouteEvents,
  type RouteEvents,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV4_RULE,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_IPV6_RULE,
} from "../../kernel/route-events.ts";
import { decodeRoute, RTM_DELROUTE } from "../../kernel/routes.ts";
import { decodeRule, RTM_DELRULE } from "../../kernel/rules.ts";
import type { Gone } from "../../vip/holding/things.ts";

export type PolicyListener = {
  /** Those of one moment. */
  readonly gone: (gone: readonly Gone[]) => void;
  /** Some went unheard. */
  readonly lookAgain: () => void;
};

export type PolicyEvents = {
  readonly configure: (config: Config) => void;
  readonly close: () => void;
};

const GROUPS = [RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV6_RULE];

export function openPolicyEvents(listeners: () => readonly PolicyListener[]): PolicyEvents {
  let events: RouteEvents | undefined;
  let gone: Gone[] = [];

  function open(): RouteEvents {
    return openRouteEvents({
      groups: GROUPS,
      onMessage(message) {
        const found = goneOf(message);
        if (found === undefined) return;
        if (gone.length === 0) queueMicrotask(tell);
        gone.push(found);
      },
      onOverrun() {
        for (const each of listeners()) each.lookAgain();
      },
    });
  }

  function tell(): void {
    const all = gone;
    gone = [];
    for (const each of listeners()) each.gone(all);
  }

  function close(): void {
    events?.close();
    events = undefined;
  }

  return {
    configure({ statics, vrrpInstances }) {
      const all = [statics, ...vrrpInstances.map(({ holds }) => holds)];
      if (!all.some(({ routes, rules }) => routes.length + rules.length > 0)) close();
      else events ??= open();
    },
    close,
  };
}

function goneOf(message: NetlinkMessage): Gone | undefined {
  const { type, portId } = message;
  if (type === RTM_DELROUTE) {
    const route = decodeRoute(message);
    return route === undefined ? undefined : { kind: "route", route, portId };
  }
  if (type !== RTM_DELRULE) return undefined;
  const rule = decodeRule(message);
  return rule === undefined ? undefined : { kind: "rule", rule, portId };
}
