// What a line of ipvsadm asks for, once it is understood.

import type { Destination, Service, ServiceKey, SyncDaemon, Timeouts } from "../model.ts";

/** What changes the table. */
export type TableCommand =
  | {
      readonly kind: "add-service" | "edit-service";
      readonly service: Omit<Service, "destinations">;
    }
  | { readonly kind: "delete-service"; readonly key: ServiceKey }
  | { readonly kind: "clear" }
  | {
      readonly kind: "add-server" | "edit-server" | "delete-server";
      readonly key: ServiceKey;
      readonly destination: Destination;
    };

/** What changes IPVS beside its table. */
export type SettingCommand =
  | { readonly kind: "set"; readonly timeouts: Timeouts }
  | { readonly kind: "start-daemon" | "stop-daemon"; readonly daemon: SyncDaemon }
  /** null = all. */
  | { readonly kind: "zero"; readonly key: ServiceKey | null };

export type ListCommand = {
  readonly kind: "list";
  readonly what: "table" | "connections" | "timeout" | "daemon";
  /** One service; null = all. */
  readonly key: ServiceKey | null;
  readonly format: Format;
};

export type Command =
  | TableCommand
  | SettingCommand
  | ListCommand
  | { readonly kind: "save"; readonly numeric: boolean }
  /** `replace`: the table becomes what the lines say; otherwise they are added to it. */
  | { readonly kind: "restore"; readonly replace: boolean }
  | { readonly kind: "help" }
  | { readonly kind: "version" };

/** How to list; of several kinds the first one here counts. */
export type Format = {
  readonly stats: boolean;
  readonly rate: boolean;
  readonly thresholds: boolean;
  readonly persistentConnections: boolean;
  readonly tunnelInfo: boolean;
  readonly numeric: boolean;
  readonly sorted: boolean;
  readonly exact: boolean;
  readonly json: boolean;
};

export const PLAIN: Format = {
  stats: false,
  rate: false,
  thresholds: false,
  persistentConnections: false,
  tunnelInfo: false,
  numeric: false,
  sorted: true,
  exact: false,
  json: false,
};
