// What `ipvsadm -S` writes, or a shell script of ipvsadm lines -> the sections that say the same. The lines are judged by the parser
// of duet ipvs, and carried out on paper: what counts is the table that they lead to.

import { advice, parse } from "../../ipvs/ipvsadm/parse.ts";
import { type CommandLine, type Restored, restoreLines } from "../../ipvs/ipvsadm/restore.ts";
import { type Around, openAround } from "../foreign/around.ts";
import { makeRemarks } from "../foreign/target.ts";
import type { Outside } from "../keepalived/outside.ts";
import type { LineProblem, RawSection } from "../schema/lines.ts";
import { foreignOption } from "./foreign-options.ts";
import { NamesAsWritten } from "./names.ts";
import { meaningOf } from "./other-lines.ts";
import { addServices } from "./services.ts";
import { type Command, readScript } from "./shell.ts";

export type Translated = {
  readonly sections: readonly RawSection[];
  readonly problems: readonly LineProblem[];
  readonly comments: readonly { readonly line: number; readonly text: string }[];
};

const PROGRAM = "ipvsadm";

export function translate(text: string, outside: Pick<Outside, "read">): Translated {
  const { commands, comments, remarks: ofScript } = readScript(text);
  const problems: LineProblem[] = [...ofScript];
  const { around, sections } = openAround(makeRemarks(problems));
  const lines = commands.flatMap((command) => linesOf(command, problems));
  const names = new NamesAsWritten(outside);
  const restored = restoreLines(lines, {
    base: [],
    program: PROGRAM,
    parseLine: (words) => parse(words, { program: PROGRAM, names }),
  });
  problems.push(...refusals(restored, lines));
  addServices(restored, names, around);
  addSettings(restored, lines, around);
  return { sections: sections(), problems, comments };
}

/** What a command asks of ipvsadm; everything else is told, and so is what nobody knows. */
function linesOf(command: Command, problems: LineProblem[]): readonly CommandLine[] {
  const { line, text, unknown, document } = command;
  const words = ipvsadmWords(command.words);
  if (words === undefined) {
    const meaning = meaningOf(command.words, text);
    if (meaning !== undefined) problems.push({ line, ...meaning });
    return [];
  }
  if (unknown !== undefined) {
    const message = `Cannot use "${text}": nothing here says what ${unknown} is`;
    problems.push({ line, message, severity: "error" });
    return [];
  }
  if (words.includes("-R") || words.includes("--restore")) {
    if (document.length === 0) {
      const message = `"${text}" is not carried over: what it reads is a configuration of its own (duet convert FILE)`;
      problems.push({ line, message, severity: "warning" });
    }
    return document.flatMap((one) => {
      const inner = one.text.trim().split(/\s+/);
      return inner[0] === "" || inner[0]?.startsWith("#")
        ? []
        : [{ line: one.line, text: one.text.trim(), words: inner }];
    });
  }
  const [first = ""] = words;
  // Listings, counters, help: they leave the table as it is.
  return isOnlyShown(first) ? [] : [{ line, text, words }];
}

/** Behind the name of the program; a line of `ipvsadm -S` has none. undefined = it is another program's. */
function ipvsadmWords(words: readonly string[]): readonly string[] | undefined {
  const [first = "", ...more] = words;
  if (/^(-[A-Za-z]|--[a-z])/.test(first)) return words;
  if (/^(sudo|exec|command|nice|env)$/.test(first)) return ipvsadmWords(more);
  if (!/(^|\/)ipvsadm(-restore)?$/.test(first)) return undefined;
  return first.endsWith("-restore") ? ["-R"] : more;
}

function isOnlyShown(word: string): boolean {
  return /^(-[LlSZhv]\w*|--(list|save|zero|help|version))$/.test(word);
}

/** What ipvsadm refuses is an error, as the rest of the file is in doubt; what the kernel refuses changed nothing. */
function refusals(restored: Restored, lines: readonly CommandLine[]): readonly LineProblem[] {
  return restored.problems.map(({ line, text, message, byKernel }) => {
    if (byKernel) {
      return {
        line,
        message: `"${text}" was never in force: ${message}`,
        severity: "warning" as const,
      };
    }
    const words = lines.find((one) => one.line === line && one.text === text)?.words ?? [];
    const why = foreignOption(words, message) ?? (message === advice(PROGRAM) ? "" : message);
    return { line, message: `Cannot use "${text}": ${why}`, severity: "error" as const };
  });
}

function addSettings(
  restored: Restored,
  lines: readonly CommandLine[],
  { global, remarks }: Around,
): void {
  const lineWith = (word: string): number =>
    lines.find(({ words }) => words.includes(word))?.line ?? 0;
  // It takes away what others have put there too.
  const cleared = lines.find(({ words: [word] }) => word === "-C" || word === "--clear");
  if (cleared !== undefined) global.set("lvs_flush", "yes", cleared.line);
  const daemons = new Map<string, string>();
  for (const setting of restored.settings) {
    if (setting.kind === "set") {
      const { tcpS, tcpFinS, udpS } = setting.timeouts;
      const written = [
        ["tcp", tcpS],
        ["tcpfin", tcpFinS],
        ["udp", udpS],
      ] as const;
      const words = written.flatMap(([name, value]) => (value > 0 ? [`${name} ${value}`] : []));
      if (words.length > 0) global.set("lvs_timeouts", words.join(" "), lineWith("--set"));
    } else if (setting.kind === "start-daemon") {
      const { daemon } = setting;
      const options = [
        ["maxlen", daemon.maxLengthBytes],
        ["port", daemon.port],
        ["ttl", daemon.ttl],
        ["group", daemon.group],
      ].flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]));
      const words = [daemon.interface, `id ${daemon.syncId}`, ...options].join(" ");
      daemons.set(daemon.state, words);
    } else if (setting.kind === "stop-daemon") daemons.delete(setting.daemon.state);
  }
  const [words, other] = [...daemons.values()];
  if (words === undefined) return;
  const line = lineWith("--start-daemon");
  global.set("lvs_sync_daemon", words, line);
  if (other === undefined) {
    remarks.differs(
      line,
      `lvs_sync_daemon ${words} runs both daemons, master and backup, as long as no instance of VRRP decides: write its name behind the interface`,
    );
  } else if (other !== words) {
    remarks.differs(
      line,
      `Both sync daemons are as the first one, ${words}; the other was ${other}`,
    );
  }
}
