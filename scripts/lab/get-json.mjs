// What a control socket answers.

import { request } from "node:http";

/** `options`: more of http.request(), such as how long it waits. */
export function getJson(socketPath, path, options) {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, ...options }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part) => {
        text += part;
      });
      response.on("end", () => resolve(JSON.parse(text)));
      response.on("error", reject);
    });
    asked.on("timeout", () => asked.destroy(new Error("The control socket does not answer")));
    asked.on("error", reject);
    asked.end();
  });
}
