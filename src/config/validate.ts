// The rules between keys and between sections. Each key by itself was judged before (draft.ts); a key
// whose value was no good is missing here, and no rule complains a second time about it.

import { judgePemFiles } from "./checks/rules-pem.ts";
import { judgeLvs } from "./director/lvs.ts";
import { judgeAlerts, judgeDirector } from "./director/rules.ts";
import { judgeFailures } from "./director/rules-failures.ts";
import { judgeSense } from "./director/rules-sense.ts";
import { keysOf, SECTIONS } from "./keys.ts";
import { judgeMachine } from "./node/rules-machine.ts";
import { judgeScripts } from "./node/rules-scripts.ts";
import { judgeSecrets } from "./node/rules-secrets.ts";
import type { LineProblem, Report } from "./schema/lines.ts";
import { judgeNames, judgeRelations } from "./schema/relations.ts";
import { type Draft, sectionsOf } from "./schema/section.ts";
import type { Surroundings } from "./surroundings.ts";
import { judgePacing } from "./vrrp/announce.ts";
import { judgeAuth } from "./vrrp/auth.ts";
import { judgeFirewall } from "./vrrp/firewall.ts";
import { judgeVrrp } from "./vrrp/rules.ts";
import { judgeVrrpSense } from "./vrrp/rules-sense.ts";
import { checkedSessions, judgeTrackers } from "./vrrp/rules-trackers.ts";
import { judgeVirtualLinks } from "./vrrp/rules-virtual-links.ts";
import { judgeWeights } from "./vrrp/rules-weights.ts";
import { judgeStrict } from "./vrrp/strict.ts";

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
  judgeVrrpSense(draft, surroundings, report);
  judgeFailures(draft, report);
  judgeSecrets(written, surroundings, report);
  return problems;
}
