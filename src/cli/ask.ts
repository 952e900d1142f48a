// POST of a verb to the running duet, and what to say when it is refused.

import { request } from "../control/client.ts";
import { type Answer, isAnswer, type Verb } from "../control/requests.ts";
import { plainJson, plainText } from "../lib/plain-text.ts";
import { EXIT_FAILED, EXIT_OK, sayNoAnswer } from "./options.ts";

/** Above the limit that the desk has for the guardian's answer. */
const TIMEOUT_MS = 35_000;

/** The exit code; whatever is not success was said on stderr. `onAnswer`: what else the answer says, whether it is success or not. */
export async function ask(
  verb: Verb | "switchover" | "maintenance",
  runDir: string,
  query = "",
  onAnswer: (answer: Answer) => void = () => {},
): Promise<number> {
  const reply = await request({
    runDir,
    method: "POST",
    path: `/v1/${verb}${query}`,
    timeoutMs: TIMEOUT_MS,
  });
  if (!reply.ok) return sayNoAnswer(verb, runDir, reply);
  if (!isAnswer(reply.body)) {
    console.error(`duet ${verb}: Cannot use the answer: ${plainJson(JSON.stringify(reply.body))}`);
    return EXIT_FAILED;
  }
  onAnswer(reply.body);
  for (const reason of reply.body.reasons) console.error(plainText(reason));
  if (reply.body.ok) return EXIT_OK;
  console.error(`duet ${verb}: refused${verb === "switchover" ? "" : ", nothing was changed"}`);
  return EXIT_FAILED;
}
