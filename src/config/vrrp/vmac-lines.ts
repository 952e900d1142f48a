// The lines of use_vmac and use_ipvlan.

import { interfaceName, isInterfaceName, type Prefix, prefix } from "../schema/addresses.ts";
import { accept, refuse } from "../schema/judged.ts";
import { bool, INT32_MAX, integer, oneOf } from "../schema/plain-types.ts";
import { asItIs, type KeyType } from "../schema/type.ts";
import { lineType, option, perhaps } from "../schema/words.ts";

/** Two digits an octet. */
const mac: KeyType<string> = {
  parse(text) {
    const octets = text.split(":").map((octet) => octet.toLowerCase().padStart(2, "0"));
    const isMac = /^[\da-f]{1,2}(?::[\da-f]{1,2}){4,5}$/i.test(text);
    const isGroup = (Number.parseInt(octets[0] ?? "", 16) & 1) === 1;
    return isMac && !isGroup && octets.some((octet) => octet !== "00")
      ? accept(octets.join(":"))
      : refuse("5 or 6 octets of one host, such as 02:00:5e:00:01 or 02:00:5e:00:01:33");
  },
  print: asItIs,
  help: "MAC",
};

const network: KeyType<Prefix> = {
  ...prefix,
  parse(text) {
    const judged = prefix.parse(text);
    return judged.ok && judged.value.prefixLength === 0 ? refuse("longer than /0") : judged;
  },
};

const name = perhaps("IF", interfaceName, "name");
const group = option("group", "N", integer(0, INT32_MAX));

const vmacWords = lineType({ name, mac: perhaps("MAC", mac), group });
const ipvlanWords = lineType({
  name,
  address: perhaps("ADDRESS[/LENGTH]", network),
  mode: perhaps("bridge|private|vepa", oneOf("bridge", "private", "vepa")),
  group,
});

/** yes, no, or words that say yes. */
function switched<T extends object>(
  line: KeyType<T>,
  plain: T,
): KeyType<T & { readonly on: boolean }> {
  const help = `yes, no or ${line.help}`;
  return {
    help,
    parse(text) {
      const said = bool.parse(text);
      if (said.ok) return accept({ ...plain, on: said.value });
      const judged = line.parse(text);
      return judged.ok
        ? accept({ ...judged.value, on: true })
        : refuse(`yes, no or ${judged.mustBe}`);
    },
    print: ({ on, ...words }) => (on ? line.print(words as unknown as T) || "yes" : "no"),
  };
}

export const vmac = switched(vmacWords, { name: null, mac: null, group: null });

/** Without a mode it is a bridge. */
export const ipvlan = switched(ipvlanWords, { name: null, address: null, mode: null, group: null });

const PREFIX_BYTES_MAX = 10; // with 6.255 behind it, 15

export const vmacPrefix: KeyType<string> = {
  parse: (text) =>
    isInterfaceName(text) && Buffer.byteLength(text) <= PREFIX_BYTES_MAX
      ? accept(text)
      : refuse(`1 to ${PREFIX_BYTES_MAX} letters without spaces, slashes and colons`),
  print: asItIs,
  help: `the beginning of a name, up to ${PREFIX_BYTES_MAX} letters`,
};
