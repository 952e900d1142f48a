// What the guardian does when the vrrp role dies: everything virtual off, then priority 0 for every master.

import { encodeBody } from "../../kernel/addresses.ts";
import { MessageWriter } from "../../kernel/attributes.ts";
import { type LinkOf, removalsOf } from "../../vip/holding/apply.ts";
import { nameOf } from "../../vip/holding/things.ts";
import type { LastWill, RoleMessage } from "../process/messages.ts";
import type { Instance } from "./instance.ts";

/** Told instance by instance, when one of them changed. */
export class Wills {
  readonly #instances: ReadonlyMap<string, Instance>;
  readonly #linkOf: LinkOf;
  readonly #tell: (message: RoleMessage) => void;
  readonly #changed = new Set<Instance>();
  #agingWrittenMs = -Infinity;

  constructor(
    instances: ReadonlyMap<string, Instance>,
    linkOf: LinkOf,
    tell: (message: RoleMessage) => void,
  ) {
    this.#instances = instances;
    this.#linkOf = linkOf;
    this.#tell = tell;
  }

  /** Told once for all changes of one moment, but before anything else can happen. */
  changed(instance: Instance): void {
    if (this.#changed.size === 0) queueMicrotask(() => this.#write(this.#changed, false));
    this.#changed.add(instance);
  }

  /** In place of all that was told before. */
  writeAll(): void {
    this.#write(this.#instances.values(), true);
  }

  /** Signatures age; the wills of who signs are written anew in time. */
  rewriteAging(nowMs: number): void {
    const aging = [...this.#instances.values()].filter((each) => each.willPeriodMs() !== Infinity);
    const periodMs = Math.min(Infinity, ...aging.map((each) => each.willPeriodMs()));
    if (nowMs - this.#agingWrittenMs < periodMs) return;
    this.#agingWrittenMs = nowMs;
    this.#write(aging, false);
  }

  #write(of: Iterable<Instance>, isAll: boolean): void {
    const wills = Array.from(of, (each) => lastWillOf(each, this.#linkOf));
    this.#changed.clear();
    if (isAll || wills.length > 0) this.#tell({ type: "will", wills, isAll });
  }
}

/**
 * Removals are of every instance, master or not: the process may die between putting an address on and saying so, and
 * removing what is not there does no harm. Adverts are of masters only: a backup that says priority 0 starts elections.
 */
function lastWillOf(instance: Instance, linkOf: LinkOf): LastWill {
  const { name } = instance.config().vrrp;
  const exit = instance.port().exit();
  const adverts = instance.isMaster() ? instance.releaseAdverts() : [];
  return {
    instance: name,
    removals: removalsOf(instance.holding.removable(), linkOf).map(({ thing, request }) => ({
      what: nameOf(thing),
      messageType: request.type,
      messageHex: encodeBody(request, new MessageWriter(128)).toString("hex"),
    })),
    adverts: adverts.map(({ source, destination, ttl, bytes }) => {
      const packetHex = bytes.toString("hex");
      return { ...exit, source, destination, ttl, packetHex };
    }),
    links: instance.port().vacating(),
  };
}
