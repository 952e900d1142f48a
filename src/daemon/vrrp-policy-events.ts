// Routes and rules that somebody removes, heard only while there are some of ours: a router with a million routes
// has a million changes.

import type { Config } from "../config/model.ts";
import {
  openRouteEvents,
  type RouteEvents,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV4_RULE,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_IPV6_RULE,
} from "../kernel/route-events.ts";
import { decodeRoute, type Route, RTM_DELROUTE } from "../kernel/routes.ts";
import { decodeRule, RTM_DELRULE, type Rule } from "../kernel/rules.ts";

export type PolicyListener = {
  readonly routeGone: (route: Route) => void;
  readonly ruleGone: (rule: Rule) => void;
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

  function open(): RouteEvents {
    return openRouteEvents({
      groups: GROUPS,
      onMessage(message) {
        if (message.type === RTM_DELROUTE) {
          const route = decodeRoute(message);
          if (route !== undefined) for (const each of listeners()) each.routeGone(route);
        }
        if (message.type === RTM_DELRULE) {
          const rule = decodeRule(message);
          if (rule !== undefined) for (const each of listeners()) each.ruleGone(rule);
        }
      },
      onOverrun() {
        for (const each of listeners()) each.lookAgain();
      },
    });
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
