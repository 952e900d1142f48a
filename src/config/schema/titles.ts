// What stands between the brackets of a section: [KIND], [KIND.NAME] or [real_server.VS.NAME]. A name may have dots. Of a real
// server the virtual server is the longest one of the file that the rest begins with, or, where that is another one than is meant,
// what stands in double quotes.

import { isSectionName, SECTIONS, type SectionName } from "../keys.ts";
import { interfaceNameRule, isInterfaceName } from "./addresses.ts";
import { isLabel, labelRule } from "./judged.ts";
import type { RawSection } from "./lines.ts";
import type { SectionSpec } from "./row.ts";

/** The words before the first dot, and what is behind it. */
export function kindOf(title: string): {
  readonly kind: string;
  readonly rest: string | undefined;
} {
  const dot = title.indexOf(".");
  return dot === -1
    ? { kind: title, rest: undefined }
    : { kind: title.slice(0, dot), rest: title.slice(dot + 1) };
}

/** Each section with its names. */
export function withLabels(sections: readonly RawSection[]): readonly RawSection[] {
  const services = new Set(
    sections.flatMap((section) => {
      const { kind, rest } = kindOf(section.name ?? "");
      return kind === "virtual_server" && rest !== undefined ? [nameIn(section, rest)] : [];
    }),
  );
  return sections.map((section) => {
    const { kind, rest } = kindOf(section.name ?? "");
    if (section.labels !== undefined || rest === undefined || !isSectionName(kind)) return section;
    return { ...section, labels: labelsIn(kind, rest, services) };
  });
}

function nameIn({ labels }: RawSection, rest: string): string {
  return labels?.[0] ?? unquoted(rest);
}

function labelsIn(
  kind: SectionName,
  rest: string,
  services: ReadonlySet<string>,
): readonly string[] {
  const { length: wanted } = SECTIONS[kind].labels;
  if (wanted < 2) return [unquoted(rest)];
  const quoted = rest.startsWith('"') ? /^"([^"]*)"(?:\.(.*))?$/s.exec(rest) : null;
  const service = quoted?.[1] ?? serviceIn(rest, services);
  const name = quoted === null ? rest.slice(service.length + 1) : (quoted[2] ?? "");
  return name === "" ? [service] : [service, unquoted(name)];
}

function serviceIn(rest: string, services: ReadonlySet<string>): string {
  for (let dot = rest.lastIndexOf("."); dot !== -1; dot = rest.lastIndexOf(".", dot - 1)) {
    if (services.has(rest.slice(0, dot))) return rest.slice(0, dot);
    if (dot === 0) break;
  }
  return rest.split(".")[0] ?? "";
}

function unquoted(text: string): string {
  return text.startsWith('"') ? (/^"([^"]*)"$/.exec(text)?.[1] ?? text) : text;
}

/** As it has to be written, beside these virtual servers. */
export function titleOf(
  kind: string,
  labels: readonly string[],
  services: ReadonlySet<string>,
): string {
  const [service, name] = labels;
  if (service === undefined || name === undefined) return [kind, ...labels].join(".");
  const isRead = serviceIn(`${service}.${name}`, services) === service;
  return [kind, isRead ? service : `"${service}"`, name].join(".");
}

/** Why it is no title of its kind, or undefined. */
export function titleProblem(kind: SectionName, labels: readonly string[]): string | undefined {
  const { labels: wanted, labelIs }: SectionSpec = SECTIONS[kind];
  const isRight = labels.every(labelIs === undefined ? isLabel : isInterfaceName);
  if (labels.length === wanted.length && isRight) return undefined;
  const right = `it must be [${[kind, ...wanted].join(".")}]`;
  if (labels.length !== wanted.length) return right;
  if (labelIs !== undefined) return `${right}, and an interface is ${interfaceNameRule}`;
  return `${right}, and a name is ${labelRule}`;
}
