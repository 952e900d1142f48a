// A TCP connect, and nothing more: no byte is sent or awaited.

import type { ProbeResult, Target, TcpCheckConfig } from "../model.ts";
import { attempt, connectFailure, dropSocket, type ProbeContext } from "./attempt.ts";
import { openTcp } from "./open.ts";

export async function probeTcp(
  target: Target,
  config: TcpCheckConfig,
  context: ProbeContext,
): Promise<ProbeResult> {
  return attempt({ timeoutMs: config.timeoutMs, ...context }, (end) => {
    const socket = openTcp(target, config);
    socket.on("connect", () => end({ ok: true, detail: "connected" }));
    socket.on("error", (error) => end(connectFailure(error)));
    socket.on("close", () => end({ ok: false, cause: "connect_failed", detail: "closed" }));
    return () => dropSocket(socket);
  });
}
