// ONE table of everything that can be written in a configuration. It drives the parser (draft.ts), the
// commented example (example.ts) and `duet help KEY`. A new key is a row here and its use in build.ts.
// The words are keepalived's where it has one.

import type { Scheduler } from "../ipvs/model.ts";
import type { HeldBy, KeySpec, SectionSpec, ValueType } from "./spec.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A Record, so that a scheduler more or less in the model is a compile error here. */
const schedulers: Record<Scheduler, true> = {
  rr: true,
  wrr: true,
  lc: true,
  wlc: true,
  lblc: true,
  lblcr: true,
  dh: true,
  sh: true,
  sed: true,
  nq: true,
  fo: true,
  ovf: true,
  mh: true,
  twos: true,
};

const checkTiming = {
  interval: {
    type: duration({ minMs: 10, maxMs: DAY_MS }),
    aliases: ["delay_loop"],
    otherwise: "6, or what the real or virtual server says",
    example: "6",
    level: "basic",
    doc: "Time from the start of one probe to the start of the next",
  },
  timeout: {
    type: duration({ minMs: 1, maxMs: HOUR_MS }),
    aliases: ["connect_timeout"],
    otherwise: "5, or what the real or virtual server says",
    example: "5",
    level: "basic",
    doc: "Limit of one probe as a whole: connect, request and answer",
  },
  retry: {
    type: integer(0, 1000),
    otherwise: "1, or what the real or virtual server says",
    example: "1",
    level: "basic",
    doc: "Extra attempts before the real server is DOWN",
  },
  delay_before_retry: {
    type: duration({ minMs: 0, maxMs: HOUR_MS }),
    otherwise: "1, or what the real or virtual server says",
    example: "1",
    level: "basic",
    doc: "Pause before an extra attempt",
  },
  rise: {
    type: integer(1, 1000),
    otherwise: "1, or what the real or virtual server says",
    example: "1",
    level: "advanced",
    doc: "Successes in a row that bring a real server UP",
  },
} as const satisfies Record<string, KeySpec>;

export const SECTIONS = {
  global: {
    doc: "What concerns the whole node",
    labels: [],
    example: "global",
    keys: {
      router_id: {
        type: { kind: "word" },
        otherwise: "the host name",
        example: "lb1",
        shown: true,
        level: "basic",
        doc: "Name of this node for people: status and logs show it, adverts do not carry it",
      },
      vrrp_version: {
        type: oneOf("2", "3"),
        default: "2",
        level: "basic",
        doc: "VRRP version of the instances that name none",
      },
      hook_timeout: {
        type: duration({ minMs: 100, maxMs: HOUR_MS }),
        default: "30",
        level: "advanced",
        doc: "How long one run of a notify script may take before it is killed",
      },
    },
  },

  vrrp_script: {
    doc: "A script whose exit status moves the priority of the instances that track it",
    labels: ["NAME"],
    example: "vrrp_script.nginx",
    keys: {
      script: {
        type: { kind: "command" },
        required: true,
        example: "/etc/duet/check-nginx.sh",
        level: "basic",
        doc: "Command line; exit status 0 is a success, anything else a failure",
      },
      interval: {
        type: duration({ minMs: 100, maxMs: DAY_MS }),
        default: "1",
        level: "basic",
        doc: "Time from the start of one run to the start of the next",
      },
      timeout: {
        type: duration({ minMs: 10, maxMs: DAY_MS }),
        otherwise: "the interval",
        example: "1",
        level: "basic",
        doc: "A run that takes longer is killed and has failed",
      },
      weight: {
        type: { kind: "weight" },
        default: "0",
        example: "-60",
        level: "basic",
        doc: "Added to the priority: positive while up, negative while down (reverse: the other way); 0 = a failure is a FAULT",
      },
      rise: {
        type: integer(1, 1000),
        default: "1",
        level: "advanced",
        doc: "Successes in a row that bring it up",
      },
      fall: {
        type: integer(1, 1000),
        default: "1",
        level: "advanced",
        doc: "Failures in a row that bring it down",
      },
      init_fail: {
        type: { kind: "bool" },
        default: "no",
        level: "advanced",
        doc: "Counts as failed until the first run has ended",
      },
    },
  },

  vrrp_instance: {
    doc: "A virtual router: the pair elects a master that holds the virtual addresses",
    labels: ["NAME"],
    example: "vrrp_instance.VI_1",
    keys: {
      state: {
        type: oneOf("MASTER", "BACKUP"),
        default: "BACKUP",
        level: "basic",
        doc: "MASTER starts an election at once only with priority 255, which is also its default priority",
      },
      interface: {
        type: { kind: "interface" },
        required: true,
        example: "eth0",
        level: "basic",
        doc: "Network interface that adverts leave by and arrive on",
      },
      virtual_router_id: {
        type: integer(1, 255),
        required: true,
        example: "51",
        level: "basic",
        doc: "Number of the virtual router, the same on both nodes, unique on the network segment",
      },
      priority: {
        type: integer(1, 255, "1 to 254 (255 is for the address owner)"),
        otherwise: "100, or 255 with state = MASTER",
        example: "150",
        shown: true,
        level: "basic",
        doc: "The higher one is master; 255 says that the virtual addresses are this machine's own",
      },
      advert_int: {
        type: duration({ minMs: 10, maxMs: 255_000 }),
        default: "1",
        level: "basic",
        doc: "Time between adverts: version 2 whole seconds 1 to 255, version 3 0.01 to 40.95 in steps of 10 ms",
      },
      version: {
        type: oneOf("2", "3"),
        otherwise: "vrrp_version of [global]",
        example: "2",
        level: "basic",
        doc: "VRRP version: 2 is RFC 3768, 3 is RFC 5798; both nodes need the same",
      },
      preempt: {
        type: { kind: "bool" },
        otherwise: "yes",
        example: "yes",
        level: "advanced",
        doc: "Takes over from a master with a lower priority",
      },
      nopreempt: {
        type: { kind: "bool" },
        otherwise: "no",
        example: "yes",
        level: "basic",
        doc: "The opposite of preempt: a master stays master while it lives",
      },
      virtual_ipaddress: {
        type: { kind: "address_line" },
        list: true,
        required: true,
        example: "172.17.253.110/24 dev eth0 label eth0:1",
        level: "basic",
        doc: "Virtual address: ADDRESS[/LENGTH] [dev IF] [scope S] [label L] [brd A|+|-]; the length is 32 when not written",
      },
      track_script: {
        type: { kind: "tracked" },
        list: true,
        example: "nginx",
        level: "basic",
        doc: "A vrrp_script that counts here: NAME [weight N [reverse]]",
      },
      garp_master_delay: {
        type: duration({ minMs: 0, maxMs: DAY_MS }),
        default: "5",
        level: "advanced",
        doc: "Pause before the second burst of gratuitous ARP after becoming master; 0 = no second burst",
      },
      garp_master_repeat: {
        type: integer(1, 255),
        default: "5",
        level: "advanced",
        doc: "Gratuitous ARP packets of each address in a burst after becoming master",
      },
      garp_master_refresh: {
        type: duration({ minMs: 0, maxMs: DAY_MS }),
        default: "0",
        level: "advanced",
        doc: "Period of further bursts while master; 0 = none",
      },
      garp_master_refresh_repeat: {
        type: integer(1, 255),
        default: "1",
        level: "advanced",
        doc: "Gratuitous ARP packets of each address in such a further burst",
      },
      notify_master: hook("Command run on becoming MASTER", "/etc/duet/notify.sh master"),
      notify_backup: hook("Command run on becoming BACKUP", "/etc/duet/notify.sh backup"),
      notify_fault: hook("Command run on falling into FAULT", "/etc/duet/notify.sh fault"),
      notify_stop: hook("Command run when duet stops", "/etc/duet/notify.sh stop"),
      notify: hook(
        'Command run on every transition, with "INSTANCE NAME STATE PRIORITY" appended',
        "/etc/duet/notify.sh",
      ),
    },
  },

  check: {
    doc: "A health check; virtual and real servers name it in check[]",
    labels: ["NAME"],
    example: "check.ok_page",
    keys: {
      type: {
        type: oneOf("tcp", "http"),
        required: true,
        example: "http",
        level: "basic",
        doc: "tcp: a connection is enough; http: a GET with a right answer",
      },
      path: {
        type: { kind: "path" },
        default: "/",
        example: "/ok.html",
        level: "basic",
        doc: "What is asked for (http)",
      },
      host: {
        type: { kind: "word" },
        aliases: ["virtualhost"],
        otherwise: "address and port of the real server",
        example: "www.example.com",
        level: "basic",
        doc: "The Host header (http)",
      },
      status: {
        type: { kind: "status" },
        aliases: ["status_code"],
        default: "200-299",
        example: "200 301-302",
        level: "basic",
        doc: "Status codes and ranges that are a success (http)",
      },
      body: {
        type: { kind: "text" },
        otherwise: "any body will do",
        example: "ok",
        level: "basic",
        doc: "Text that the body must contain (http)",
      },
      regex: {
        type: { kind: "regex" },
        otherwise: "any body will do",
        example: "^ok",
        level: "advanced",
        doc: "Regular expression that the body must match, in place of body (http)",
      },
      ...checkTiming,
      port: {
        type: integer(1, 65535),
        aliases: ["connect_port"],
        otherwise: "the port of the real server",
        example: "80",
        level: "advanced",
        doc: "Port that is probed",
      },
    },
  },

  virtual_server: {
    doc: "A service of the IPVS table: where clients connect, and how their connections are spread",
    labels: ["NAME"],
    example: "virtual_server.web",
    keys: {
      address: {
        type: { kind: "endpoint", port: "required" },
        otherwise: "fwmark is needed",
        example: "172.17.253.110:80",
        shown: true,
        level: "basic",
        doc: "ADDRESS:PORT that clients connect to; [ADDRESS]:PORT for IPv6",
      },
      fwmark: {
        type: integer(1, 2 ** 32 - 1),
        otherwise: "address is needed",
        example: "99",
        level: "advanced",
        doc: "In place of address: the service is every packet with this firewall mark",
      },
      protocol: {
        type: oneOf("tcp", "udp"),
        otherwise: "none: an address needs it",
        example: "tcp",
        shown: true,
        level: "basic",
        doc: "Transport protocol of address",
      },
      lb_algo: {
        type: { kind: "enum", words: Object.keys(schedulers) },
        aliases: ["lvs_sched"],
        default: "wlc",
        level: "basic",
        doc: "Scheduler that picks the real server of a new connection",
      },
      lb_kind: {
        type: oneOf("NAT", "DR", "TUN"),
        aliases: ["lvs_method"],
        default: "NAT",
        level: "basic",
        doc: "How packets reach a real server: NAT, DR (direct routing) or TUN (IP in IP)",
      },
      persistence_timeout: {
        type: duration({ minMs: 1000, maxMs: 31 * DAY_MS, wholeSeconds: true }),
        otherwise: "no persistence",
        example: "50",
        level: "basic",
        doc: "A client stays with its real server until it was away this long",
      },
      persistence_granularity: {
        type: { kind: "netmask" },
        otherwise: "32 (IPv6: 128), every client by itself",
        example: "255.255.255.0",
        level: "advanced",
        doc: "Clients of one such network count as one client: a netmask or a prefix length",
      },
      quorum: {
        type: integer(1, 2 ** 31 - 1),
        default: "1",
        level: "advanced",
        doc: "Sum of the weights of live real servers needed; below it the sorry server takes over",
      },
      hysteresis: {
        type: integer(0, 2 ** 31 - 1),
        default: "0",
        level: "advanced",
        doc: "Quorum is lost below quorum - hysteresis and regained at quorum + hysteresis (or when all are UP); less than quorum",
      },
      sorry_server: {
        type: { kind: "endpoint", port: "optional" },
        otherwise: "none",
        example: "172.17.253.99:80",
        level: "basic",
        doc: "Server that is used while there is no quorum",
      },
      weight: {
        type: integer(1, 2 ** 31 - 1),
        default: "1",
        level: "advanced",
        doc: "Weight of the real servers that name none",
      },
      inhibit_on_failure: {
        type: { kind: "bool" },
        default: "no",
        level: "advanced",
        doc: "A real server that fails gets weight 0 and keeps its connections; it does not leave the table",
      },
      check: {
        type: { kind: "name" },
        list: true,
        example: "ok_page",
        shown: true,
        level: "basic",
        doc: "A check of all real servers of this virtual server; all must be UP",
      },
      ...serverTiming("real servers of this virtual server"),
    },
  },

  real_server: {
    doc: "A server behind the virtual server VS",
    labels: ["VS", "NAME"],
    example: "real_server.web.rs1",
    keys: {
      address: {
        type: { kind: "endpoint", port: "optional" },
        required: true,
        example: "172.17.253.140:80",
        level: "basic",
        doc: "ADDRESS:PORT of the server; the port may be left out with DR and TUN, where it is the service's",
      },
      weight: {
        type: integer(0, 2 ** 31 - 1),
        otherwise: "weight of the virtual server",
        example: "2",
        level: "basic",
        doc: "Share of the connections; 0 = no new ones",
      },
      lb_kind: {
        type: oneOf("NAT", "DR", "TUN"),
        aliases: ["lvs_method"],
        otherwise: "lb_kind of the virtual server",
        example: "NAT",
        level: "advanced",
        doc: "How packets reach this real server",
      },
      inhibit_on_failure: {
        type: { kind: "bool" },
        otherwise: "inhibit_on_failure of the virtual server",
        example: "no",
        level: "advanced",
        doc: "When it fails it gets weight 0 and keeps its connections; it does not leave the table",
      },
      check: {
        type: { kind: "name" },
        list: true,
        example: "ok_page",
        level: "basic",
        doc: "A further check of this real server, beside those of the virtual server",
      },
      ...serverTiming("this real server"),
    },
  },
} as const satisfies Readonly<Record<string, SectionSpec>>;

export type SectionName = keyof typeof SECTIONS;
export type KeyName<S extends SectionName> = keyof (typeof SECTIONS)[S]["keys"] & string;

/** The values of a section, typed by its rows. */
export type Values<S extends SectionName> = {
  readonly [K in KeyName<S>]: (typeof SECTIONS)[S]["keys"][K] extends infer Spec extends KeySpec
    ? HeldBy<Spec>
    : never;
};

export const SECTION_NAMES = Object.keys(SECTIONS) as readonly SectionName[];

export function isSectionName(name: string): name is SectionName {
  return Object.hasOwn(SECTIONS, name);
}

/** The rows of a section, by the name that is canonical. */
export function keysOf(section: SectionName): Readonly<Record<string, KeySpec>> {
  return SECTIONS[section].keys;
}

/** Every spelling, aliases included -> the canonical one. */
export function spellingsOf(section: SectionName): ReadonlyMap<string, string> {
  return spellings[section];
}

const spellings = Object.fromEntries(
  SECTION_NAMES.map((section) => [section, collectSpellings(keysOf(section))]),
) as Record<SectionName, ReadonlyMap<string, string>>;

function collectSpellings(keys: Readonly<Record<string, KeySpec>>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [name, { aliases = [] }] of Object.entries(keys)) {
    for (const spelling of [name, ...aliases]) names.set(spelling, name);
  }
  return names;
}

function duration<const T extends { minMs: number; maxMs: number; wholeSeconds?: true }>(
  limits: T,
): { readonly kind: "duration" } & T {
  return { kind: "duration", ...limits };
}

function integer(
  min: number,
  max: number,
  range?: string,
): Extract<ValueType, { readonly kind: "integer" }> {
  return range === undefined ? { kind: "integer", min, max } : { kind: "integer", min, max, range };
}

function oneOf<const Word extends string>(
  ...words: readonly Word[]
): { readonly kind: "enum"; readonly words: readonly Word[] } {
  return { kind: "enum", words };
}

type Hook = {
  readonly type: { readonly kind: "command" };
  readonly otherwise: string;
  readonly example: string;
  readonly level: "basic";
  readonly doc: string;
};

function hook(doc: string, example: string): Hook {
  return { type: { kind: "command" }, otherwise: "none", example, level: "basic", doc };
}

function serverTiming(whose: string): typeof checkTiming {
  const rows = Object.entries(checkTiming).map(([name, row]) => [
    name,
    {
      ...row,
      level: "advanced",
      otherwise: whose.startsWith("this")
        ? "what the virtual server says"
        : row.otherwise.split(",")[0],
      doc: `${name} of the checks of ${whose} that name none`,
    },
  ]);
  return Object.fromEntries(rows) as typeof checkTiming;
}
