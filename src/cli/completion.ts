// duet completion: the words that a shell offers behind "duet", as a script for that shell, out of the table of commands.

import { didYouMean } from "../config/schema/suggest.ts";
import { type Grammar, grammars, type Value } from "./grammar.ts";
import { everyWord } from "./help.ts";
import { EXIT_OK, EXIT_USAGE } from "./options.ts";

const SHELLS: ReadonlyMap<string, (commands: readonly Grammar[]) => string> = new Map([
  ["bash", bashScript],
  ["zsh", zshScript],
  ["fish", fishScript],
]);

export function runCompletion(args: readonly string[]): number {
  const [shell = "", ...more] = args;
  const script = SHELLS.get(shell);
  if (script === undefined || more.length > 0) {
    const names = [...SHELLS.keys()];
    const what = shell === "" ? "name a shell" : `it is one of ${names.join(", ")}`;
    console.error(
      `duet completion: Cannot complete for "${args.join(" ")}": ${what}${didYouMean(shell, names)}\nUsage: duet completion ${names.join("|")}`,
    );
    return EXIT_USAGE;
  }
  console.log(script(grammars()).trimEnd());
  return EXIT_OK;
}

function wordsOf({ name, options, words, takesTopics }: Grammar): readonly string[] {
  const topics = takesTopics ? everyWord() : [];
  return [...new Set([...options.map(({ option }) => option), ...words, ...topics])].filter(
    (word) => word !== name,
  );
}

function bashScript(commands: readonly Grammar[]): string {
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap(({ option, value }) =>
      value === null ? [] : [`    ${name}:${option}) ${bashValue(value)}; return ;;`],
    ),
  );
  const rows = commands.map((one) => {
    const files = one.takesFiles ? "; files=yes" : "";
    return `    ${one.name}) words='${wordsOf(one).join(" ")}'${files} ;;`;
  });
  return `# bash: eval "$(duet completion bash)", or write it to /usr/share/bash-completion/completions/duet
_duet() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} words='' files=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    _duet_words '${commands.map(({ name }) => name).join(" ")}'
    return
  fi
  case "\${COMP_WORDS[1]}:$prev" in
${values.join("\n")}
  esac
  case "\${COMP_WORDS[1]}" in
${rows.join("\n")}
  esac
  _duet_words "$words"
  [ -z "$files" ] || _duet_files -f
}
_duet_words() {
  local word
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$1" -- "$cur")
}
_duet_files() {
  local word
  compopt -o filenames 2>/dev/null
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$1" -- "$cur")
}
complete -F _duet duet
`;
}

function bashValue(value: Value): string {
  switch (value.kind) {
    case "file":
      return "_duet_files -f";
    case "directory":
      return "_duet_files -d";
    case "words":
      return `_duet_words '${value.words.join(" ")}'`;
    case "any":
      return ":";
  }
}

function zshScript(commands: readonly Grammar[]): string {
  const described = commands.map(({ name, doc }) => `    ${quoted(`${name}:${shortDoc(doc)}`)}`);
  const rows = commands.map((one) => {
    const options = one.options.map(({ option, value }) =>
      quoted(value === null ? option : `${option}:value:${zshValue(value)}`),
    );
    const words = wordsOf({ ...one, options: [] });
    const rest = [
      ...(words.length === 0 ? [] : [quoted(`*:word:(${words.join(" ")})`)]),
      ...(one.takesFiles && words.length === 0 ? [quoted("*:file:_files")] : []),
    ];
    const specs = [...options, ...rest];
    return `    ${one.name}) ${specs.length === 0 ? ":" : ["_arguments", ...specs].join(" ")} ;;`;
  });
  return `#compdef duet
# zsh: source <(duet completion zsh) after compinit, or write it to a file _duet in a directory of fpath
_duet() {
  local -a commands=(
${described.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${rows.join("\n")}
  esac
}
if [ "$funcstack[1]" = "_duet" ]; then _duet "$@"; else compdef _duet duet; fi
`;
}

function zshValue(value: Value): string {
  switch (value.kind) {
    case "file":
      return "_files";
    case "directory":
      return "_files -/";
    case "words":
      return `(${value.words.join(" ")})`;
    case "any":
      return "";
  }
}

function fishScript(commands: readonly Grammar[]): string {
  const lines = commands.flatMap((one) => {
    const here = `complete -c duet -n '__fish_seen_subcommand_from ${one.name}'`;
    const options = one.options.map(({ option, value }) => {
      const name = option.startsWith("--") ? `-l ${option.slice(2)}` : `-s ${option.slice(1)}`;
      return [here, name, value === null ? "" : fishValue(value)].join(" ").trim();
    });
    const words = wordsOf({ ...one, options: [] });
    return [
      `complete -c duet -n __fish_use_subcommand -a ${one.name} -d ${quoted(shortDoc(one.doc))}`,
      ...options,
      ...(words.length === 0 ? [] : [`${here} -a ${quoted(words.join(" "))}`]),
      ...(one.takesFiles ? [`${here} -F`] : []),
    ];
  });
  return `# fish: duet completion fish | source, or write it to ~/.config/fish/completions/duet.fish
complete -c duet -f
${lines.join("\n")}
`;
}

function fishValue(value: Value): string {
  switch (value.kind) {
    case "file":
      return "-r -F";
    case "directory":
      return "-x -a '(__fish_complete_directories)'";
    case "words":
      return `-x -a ${quoted(value.words.join(" "))}`;
    case "any":
      return "-x";
  }
}

/** Its first clause; what shells split at is no part of it. */
function shortDoc(doc: string): string {
  return doc.split(/[;:,] /)[0] ?? "";
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "")}'`;
}
