// The addresses of masters with no_accept, kept from being spoken to: a table of nftables that is there as long as an instance
// is configured so, with addresses in it while they are held.

import type { Config } from "../../config/model.ts";
import { isKernelError } from "../../kernel/errors.ts";
import { FIREWALL_TABLES, type Nftables, openNftables } from "../../kernel/nftables.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { firewallElements, firewallTable } from "../../vip/firewall.ts";
import type { Vip } from "../../vip/model.ts";

export type Firewall = {
  readonly configure: (config: Config) => void;
  /** Nobody talks to these addresses of this user, in place of those it named before; none = it holds none. */
  readonly deny: (user: object, vips: readonly Vip[]) => void;
  readonly close: () => void;
};

export function openFirewall(log: Log): Firewall {
  const denied = new Map<object, readonly Vip[]>();
  /** How many users deny an address: a reload may hand it from one to the other. */
  const counts = new Map<string, number>();
  let settings: Config["global"]["nftables"] | undefined;
  let nftables: Nftables | undefined;

  /** The addresses answer then: the operator must know, and an election must not wait for it. */
  function attempt(what: string, change: () => void): boolean {
    try {
      change();
      return true;
    } catch (error) {
      const hint = isKernelError(error, "EEXIST")
        ? " (a table of this name is there already, and not ours: see nftables of [global])"
        : "";
      log.error({ error: `${errorText(error)}${hint}`, table: settings?.table }, what);
      return false;
    }
  }

  function make(next: Config["global"]["nftables"]): void {
    settings = next;
    const held = [...denied.values()].flat();
    const made = attempt("no_accept does not hold: table not made", () => {
      nftables = openNftables(FIREWALL_TABLES);
      removeOthers(nftables, next.table);
      nftables.make(firewallTable(next), firewallElements(held));
    });
    if (!made) close();
  }

  function removeOthers(tables: Nftables, but: string): void {
    for (const name of tables.ours()) {
      if (name === but) continue;
      tables.remove(name);
      log.warn({ table: name }, "nftables table of an earlier run removed");
    }
  }

  function close(): void {
    const table = settings?.table;
    settings = undefined;
    const open = nftables;
    nftables = undefined;
    if (open === undefined) return;
    attempt("nftables table not removed", () => {
      if (table !== undefined && open.ours().includes(table)) open.remove(table);
    });
    open.close();
  }

  function remake(): void {
    const same = settings;
    close();
    if (same !== undefined) make(same);
  }

  /** How many users it has then. */
  function count({ address, interface: name }: Vip, change: 1 | -1): number {
    const key = `${address} ${name}`;
    const next = (counts.get(key) ?? 0) + change;
    if (next === 0) counts.delete(key);
    else counts.set(key, next);
    return next;
  }

  return {
    configure({ global, vrrpInstances }) {
      const wanted = vrrpInstances.some(({ holds }) => !holds.accept);
      if (!wanted) return close();
      if (nftables !== undefined && JSON.stringify(settings) === JSON.stringify(global.nftables))
        return;
      close();
      make(global.nftables);
    },
    deny(user, vips) {
      const before = denied.get(user) ?? [];
      if (vips.length === 0) denied.delete(user);
      else denied.set(user, vips);
      const add = vips.filter((vip) => count(vip, 1) === 1);
      const remove = before.filter((vip) => count(vip, -1) === 0);
      const table = settings?.table;
      if (table === undefined || add.length + remove.length === 0) return;
      const elements = { add: firewallElements(add), remove: firewallElements(remove) };
      try {
        nftables?.change(table, elements);
      } catch (error) {
        log.warn(
          { error: errorText(error), table },
          "nftables table was changed by somebody, made anew",
        );
        remake();
      }
    },
    close,
  };
}
