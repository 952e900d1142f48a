// In which format a file is written, by what stands in it: INI, keepalived.conf, ldirectord.cf or lines of ipvsadm; and its sections.

import { scanFiles } from "../include.ts";
import { isIpvsadm } from "../ipvsadm/other-lines.ts";
import { translate as translateIpvsadm } from "../ipvsadm/translate.ts";
import { isKeepalived } from "../keepalived/keywords.ts";
import type { Outside } from "../keepalived/outside.ts";
import type { Places } from "../keepalived/places.ts";
import { translate as translateKeepalived } from "../keepalived/translate.ts";
import { isLdirectord } from "../ldirectord/checks.ts";
import { translate as translateLdirectord } from "../ldirectord/translate.ts";
import { ofNode } from "../of-node.ts";
import type { Format } from "../read-options.ts";
import type { Scan } from "../schema/lines.ts";

/** What was made of a file. */
export type Written = Scan & {
  /** INI itself has none to tell: its text needs no converting. */
  readonly comments: readonly { readonly line: number; readonly text: string }[] | null;
  /** Where its lines stand, when they are of several files. */
  readonly places: Places | null;
  /** What its program reports and goes on without is left out. */
  readonly isLenient: boolean;
};

/** `format`: what somebody says that it is; left out = what it looks like. */
export function writtenIn(
  file: string,
  text: string,
  outside: Outside,
  format = formatOf(text),
): Written {
  switch (format) {
    case "keepalived":
      return { ...translateKeepalived(file, text, outside), isLenient: true };
    case "ldirectord":
      return { ...translateLdirectord(text), ...ONE_FILE };
    case "ipvsadm":
      return { ...translateIpvsadm(text, outside), ...ONE_FILE };
    case "ini":
      return {
        ...ofNode(scanFiles(file, text, outside), outside.configId),
        comments: null,
        isLenient: false,
      };
  }
}

const ONE_FILE = { places: null, isLenient: false } as const;

function formatOf(text: string): Format {
  if (isKeepalived(text)) return "keepalived";
  if (isLdirectord(text)) return "ldirectord";
  return isIpvsadm(text) ? "ipvsadm" : "ini";
}
