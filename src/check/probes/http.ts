// Requests over HTTP, each on a connection of its own: one a path, and one more for each redirect that is followed.

import type { ProbeResult, Target } from "../model.ts";
import type { CheckConfigOf } from "../types/index.ts";
import { attempt, type Late, type Outcome, type ProbeContext, type Release } from "./attempt.ts";
import { openChannel } from "./channel.ts";
import { type HttpAnswer, type HttpRequest, type HttpWay, hostOf } from "./http-exchange.ts";
import { askHttp1 } from "./http1.ts";
import { ALPN_HTTP2, askHttp2 } from "./http2.ts";
import { judgeHttp } from "./judge-http.ts";
import { type TlsSummary, warned } from "./open-tls.ts";
import { redirected } from "./redirect.ts";

export async function probeHttp(
  target: Target,
  config: CheckConfigOf<"http"> | CheckConfigOf<"https">,
  context: ProbeContext,
): Promise<ProbeResult> {
  const { timeoutMs, paths, redirectsMax } = config;
  let heard: { readonly status: number; readonly bodyBytes: number } | undefined;
  let isJudging = false;
  const late: Late = () => {
    if (heard === undefined) return undefined;
    const seen = `(${heard.status}, ${heard.bodyBytes} bytes)`;
    return isJudging
      ? { cause: "body_mismatch", detail: `the expressions were not done with the answer ${seen}` }
      : { cause: "timeout", detail: `no end of the answer ${seen}` };
  };
  return attempt({ timeoutMs, late, ...context }, (end, awaits) => {
    const who = `${target.address}:${target.port}`;
    const asker = { who, patienceMs: timeoutMs };
    let release: Release = () => {};
    let isOver = false;
    let secured: TlsSummary | null = null;

    /** Several paths: which one it was. */
    function endOf(index: number, outcome: Outcome): void {
      isOver = true;
      const path = paths.length > 1 && !outcome.ok ? `${paths[index]}: ` : "";
      end(warned({ ...outcome, detail: `${path}${outcome.detail}` }, secured));
    }

    function ask(index: number, request: HttpRequest, redirects: number): void {
      release();
      heard = undefined;
      // Whatever a connection that is done with still tells is about nothing.
      let isAsking = true;
      const once = (act: () => void): void => {
        if (!isAsking || isOver) return;
        isAsking = false;
        act();
      };
      const way: HttpWay = {
        heard: (status, bodyBytes) => {
          heard = { status, bodyBytes };
        },
        answer: (answer) => once(() => weigh(index, request, redirects, answer)),
        end: (outcome) => once(() => endOf(index, outcome)),
      };
      const { tls } = config;
      const isHttp2 = config.protocol === "2";
      release = openChannel(target, config, {
        tls,
        ...(isHttp2 && { alpn: ALPN_HTTP2 }),
        end: way.end,
        awaits,
        ready(channel, summary) {
          secured = summary;
          if (!isHttp2) return askHttp1(channel, request, way);
          return askHttp2(channel, tls === null ? "http" : "https", request, way);
        },
      });
    }

    function weigh(
      index: number,
      request: HttpRequest,
      redirects: number,
      answer: HttpAnswer,
    ): void {
      const next =
        redirectsMax === 0 ? undefined : redirected(request, answer, config.tls !== null);
      if (next !== undefined && !("path" in next)) {
        endOf(index, next);
        return;
      }
      if (next !== undefined) {
        if (redirects < redirectsMax) {
          ask(index, next, redirects + 1);
          return;
        }
        const detail = `more than ${redirectsMax} redirects, the last to ${next.path}`;
        endOf(index, { ok: false, cause: "too_many_redirects", detail });
        return;
      }
      void conclude(index, answer);
    }

    /** Never rejects. */
    async function conclude(index: number, answer: HttpAnswer): Promise<void> {
      isJudging = true;
      const outcome = await judgeHttp(answer, config, asker);
      isJudging = false;
      if (isOver) return;
      const path = paths[index + 1];
      if (!outcome.ok || path === undefined) endOf(index, outcome);
      else ask(index + 1, requestOf(target, config, path), 0);
    }

    ask(0, requestOf(target, config, paths[0] ?? "/"), 0);
    return () => {
      isOver = true;
      release();
    };
  });
}

function requestOf(
  target: Target,
  config: CheckConfigOf<"http"> | CheckConfigOf<"https">,
  path: string,
): HttpRequest {
  const { method, headers, requestBody: body, proxied, protocol, bodyMaxBytes, digest } = config;
  const host = config.host ?? hostOf(target);
  const wantsDigest = digest !== null;
  return { method, path, host, headers, body, proxied, protocol, bodyMaxBytes, wantsDigest };
}
