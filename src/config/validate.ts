// The rules between keys and between sections. Each key by itself was judged before (draft.ts); a key
// whose value was no good is missing here, and no rule complains a second time about it.

import type { FoundIdentity } from "../lib/accounts.ts";
import { judgePemFiles } from "./checks/rules-pem.ts";
import { judgeAlerts } from "./director/alerts.ts";
import { judgeLvs } from "./director/lvs.ts";
import { judgeDirector } from "./director/rules.ts";
import { keysOf, SECTIONS } from "./keys.ts";
import { judgeMachine } from "./node/rules-machine.ts";
import { judgeScripts } from "./node/rules-scripts.ts";
import { judgeSecrets } from "./node/rules-secrets.ts";
import { judgeSense } from "./rules-sense.ts";
import type { LineProblem } from "./schema/lines.ts";
import { judgeNames, judgeRelations } from "./schema/relations.ts";
import { type Draft, sectionsOf } from "./schema/section.ts";
import { judgePacing } from "./vrrp/announce.ts";
import { judgeAuth } from "./vrrp/auth.ts";
import { judgeFirewall } from "./vrrp/firewall.ts";
import type { KeyFile } from "./vrrp/hmac-key.ts";
import { judgeVrrp } from "./vrrp/rules.ts";
import { checkedSessions, judgeTrackers } from "./vrrp/rules-trackers.ts";
import { judgeWeights } from "./vrrp/rules-weights.ts";
import { judgeStrict } from "./vrrp/strict.ts";
import { judgeVirtualLinks } from "./vrrp/virtual-link.ts";

/** What the machine has to say; all of it arguments, so that the same text always gives the same answer. */
export type Surroundings = {
  /** The configuration itself. */
  readonly file: string;
  /** Who may read a file beside root and its owner ("everybody may read it (mode 0644)"); undefined = nobody. */
  readonly readersOf: (path: string) => string | undefined;
  /** Addresses of this machine: who may be an address owner. */
  readonly ownAddresses: ReadonlySet<string>;
  /** Of one interface; none when it is not here. */
  readonly addressesOn: (device: string) => readonly string[];
  /** Why the command of a hook cannot be run ("it does not exist"); undefined = it can. */
  readonly commandProblem: (command: string) => string | undefined;
  /** What of the command's path is not root's alone ("/etc/x is owned by bob"). */
  readonly commandInsecurity: (command: string) => string | undefined;
  readonly findIdentity: (user: string, group: string | null) => FoundIdentity;
  /** netdevice(7) IFF_*; null = no such interface is here. */
  readonly deviceFlags: (device: string) => number | null;
  /** Is it in a network of this interface? undefined = the interface has no address of this family. */
  readonly isOnLink: (device: string, address: string) => boolean | undefined;
  /** Why a directory is no good ("it does not exist"); undefined = it is one. */
  readonly directoryProblem: (path: string) => string | undefined;
  /** What stands in the file of a key. */
  readonly keyFile: (path: string) => KeyFile;
  /** What stands in a PEM file; undefined = nobody looks. */
  readonly pemFile: ((path: string) => KeyFile) | undefined;
};

export type Report = (line: number, message: string, severity?: LineProblem["severity"]) => void;

/** `written`: what obeyStrict() made the draft of. */
export function validateDraft(
  draft: Draft,
  written: Draft,
  surroundings: Surroundings,
): readonly LineProblem[] {
  const problems: LineProblem[] = [];
  const report: Report = (line, message, severity = "error") => {
    problems.push({ line, message, severity });
  };
  const sections = sectionsOf(draft);
  for (const section of sections) {
    // Rows of checks are other ones for each type.
    if (section.kind !== "check") judgeRelations(keysOf(section.kind), section, report);
  }
  judgeNames(sections, SECTIONS, checkedSessions(draft), report);
  judgeStrict(written, surroundings, report);
  judgeVrrp(draft, surroundings, report);
  judgePacing(draft, report);
  judgeAuth(draft, surroundings, report);
  judgeScripts(draft, surroundings, report);
  judgeTrackers(draft, report);
  judgeWeights(draft, report);
  judgeFirewall(draft, report);
  judgeVirtualLinks(draft, report);
  judgeDirector(draft, report);
  judgeAlerts(draft, report);
  judgePemFiles(draft, surroundings, report);
  judgeLvs(draft, report);
  judgeMachine(draft, surroundings, report);
  judgeSense(draft, surroundings, report);
  judgeSecrets(written, surroundings, report);
  return problems;
}
