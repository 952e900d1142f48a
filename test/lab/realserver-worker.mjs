// `duet realserver` many times in one process, in the machine that it is started in. Gets command lines as messages.

import { realServerHere } from "../../build/test/helpers/realserver-here.js";

process.on("message", (words) => process.send(realServerHere(words)));
process.on("disconnect", () => process.exit(0));
