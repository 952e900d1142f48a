// What the guardian does when the vrrp role dies: everything virtual off, then priority 0 for every master.

import { encodeBody } from "../../kernel/addresses.ts";
import { MessageWriter } from "../../kernel/attributes.ts";
import { type LinkOf, removalsOf } from "../../vip/holding/apply.ts";
import { nameOf } from "../../vip/holding/things.ts";
import type { LastWill } from "../process/messages.ts";
import type { Instance } from "./instance.ts";

/**
 * Removals are of every instance, master or not: the process may die between putting an address on and saying so, and
 * removing what is not there does no harm. Adverts are of masters only: a backup that says priority 0 starts elections.
 */
export function lastWillOf(instance: Instance, linkOf: LinkOf): LastWill {
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
