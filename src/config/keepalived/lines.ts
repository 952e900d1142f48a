// Lines of several words that are written a little otherwise here.

const OF_ONE_WORD = new Set([
  "home",
  "-nodad",
  "mngtmpaddr",
  "noprefixroute",
  "autojoin",
  "no_track",
  "use_vmac",
]);
const OF_TWO_WORDS = new Set([
  "brd",
  "broadcast",
  "dev",
  "scope",
  "label",
  "peer",
  "preferred_lft",
  "track_group",
]);

/** What of an address line keepalived takes, and which words it reports and leaves out. */
export function addressText(words: readonly string[]): {
  readonly value: string;
  readonly ignored: readonly string[];
} {
  const [address = "", ...rest] = words;
  const taken = [address];
  const ignored: string[] = [];
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? "";
    const value = rest[i + 1];
    if (OF_ONE_WORD.has(word)) taken.push(word);
    else if (OF_TWO_WORDS.has(word) && value !== undefined) {
      i++;
      // A mask of 32 has no broadcast address.
      const isHost = !address.includes("/") || /\/(31|32)$/.test(address);
      if (word.startsWith("br") && isHost) ignored.push(`${word} ${value}`);
      else taken.push(word === "broadcast" ? "brd" : word, value);
    } else ignored.push(word);
  }
  return { value: taken.join(" "), ignored };
}

const RULE_WORDS: Readonly<Record<string, string>> = {
  table: "lookup",
  preference: "priority",
  order: "priority",
  pref: "priority",
};

export function ruleText(words: readonly string[]): string {
  return words.map((word) => RULE_WORDS[word] ?? word).join(" ");
}
