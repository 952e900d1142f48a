// The rules between keys and between sections. Each key by itself was judged before (draft.ts); a key
// whose value was no good is missing here, and no rule complains a second time about it.

import type { FoundIdentity } from "../lib/accounts.ts";
import { judgeLvs } from "./build-lvs.ts";
import type { Draft } from "./draft.ts";
import type { KeyFile } from "./hmac-key.ts";
import type { LineProblem } from "./lines.ts";
import { judgeAlerts } from "./rules-alerts.ts";
import { judgePacing } from "./rules-announce.ts";
import { judgeAuth } from "./rules-auth.ts";
import { judgeDirector } from "./rules-director.ts";
import { judgeFirewall } from "./rules-firewall.ts";
import { judgeMachine } from "./rules-machine.ts";
import { judgePemFiles } from "./rules-pem.ts";
import { judgeScripts } from "./rules-scripts.ts";
import { judgeSecrets } from "./rules-secrets.ts";
import { judgeSense } from "./rules-sense.ts";
import { judgeTrackers } from "./rules-trackers.ts";
import { judgeVirtualLinks } from "./rules-virtual-link.ts";
import { judgeVrrp } from "./rules-vrrp.ts";
import { judgeWeights } from "./rules-weights.ts";
import { judgeStrict } from "./strict.ts";

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
