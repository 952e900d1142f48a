// One expression on its texts, here and now. The text of this function runs in a thread too, with that of errorText: it uses
// nothing else of this file.

import { errorText } from "../../lib/errors.ts";
import type { Answer, Question } from "./search.ts";

/** Never throws. */
export function run({ source, flags, texts }: Question): Answer {
  try {
    const expression = new RegExp(source, flags);
    for (const [index, text] of texts.entries()) {
      const match = expression.exec(text);
      if (match !== null) return { kind: "match", index, end: match.index + match[0].length };
    }
    return { kind: "none" };
  } catch (error) {
    return { kind: "broken", why: errorText(error) };
  }
}
