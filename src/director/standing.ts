// Says what one real server is, and what is told of it, from its configuration and from what its checkers found. Pure.

import type { LastProbe, State } from "../check/engine.ts";
import type { Target } from "../check/model.ts";
import type { Why } from "../check/runner.ts";
import type { CheckConfig } from "../check/types/index.ts";
import type { RealServerConfig, VirtualServerConfig } from "../config/model.ts";
import type { CheckStatus } from "../control/status.ts";
import { canonicalKey, placeOf } from "../ipvs/canonical.ts";
import { type Service, serviceName } from "../ipvs/model.ts";
import { destinationIn } from "../ipvs/quorum.ts";
import { wallTimeOf } from "../lib/clock.ts";
import { canonicalAddress } from "../lib/ip.ts";
import type { ServerFacts } from "./verdict.ts";

/** `since` is ISO 8601. */
export type Standing = { readonly up: boolean; readonly since: string; readonly cause: string };

/** What is known of a real server, but whether it is in maintenance. */
export type Known = Omit<ServerFacts, "isOut">;

/** Of one that nobody watches yet. */
export const UNKNOWN: Known = {
  up: false,
  weight: undefined,
  isUndecided: false,
  isPending: false,
};

/** `state` undefined = it rests. */
export type Checked = { readonly config: CheckConfig; readonly state: State | undefined };

const NONE_SUCCEEDED = "no check has succeeded yet";

/** Before its first probe. `isServing`: the kernel's table has it; `rests`: nobody is going to probe it before it is needed. */
function firstStanding(
  { checks, alpha }: RealServerConfig,
  now: { readonly isServing: () => boolean; readonly rests: boolean; readonly at: string },
): Standing {
  // Better a server that may be dead than none.
  const isHoped = checks.length === 0 || !alpha || now.rests;
  const up = isHoped || now.isServing();
  const why = alpha ? "it serves already, until a check fails" : "no check has failed yet";
  const cause = checks.length === 0 ? "it has no checks" : up ? why : NONE_SUCCEEDED;
  return { up, since: now.at, cause };
}

/** What is known of one under the same name stays known; another address is another server. */
export function standingIn(
  old: { readonly target: Target; readonly standing: Standing } | undefined,
  config: RealServerConfig,
  now: Parameters<typeof firstStanding>[1],
): Standing {
  const { address, port } = config.destination;
  const isSame = old?.target.address === address && old.target.port === port;
  return isSame ? old.standing : firstStanding(config, now);
}

/** `rests`: its checkers do. */
export function knownOf(
  config: RealServerConfig,
  { up }: Pick<Standing, "up">,
  checked: readonly Checked[],
  rests: boolean,
): Known {
  return {
    up,
    weight: saidWeight(config, checked),
    isUndecided: !rests && isUndecided(checked),
    isPending: !rests && !up && mayComeUp(checked),
  };
}

/** Without a checker nothing speaks against it. */
export function isUpBy({ checkQuorum }: RealServerConfig, checked: readonly Checked[]): boolean {
  const passing = checked.filter(({ state }) => state?.up ?? false);
  return passing.length >= Math.min(checkQuorum ?? Infinity, checked.length);
}

/** The first probe of a checker has not ended yet. */
function isUndecided(checked: readonly Checked[]): boolean {
  return checked.some(({ state }) => state?.last === null);
}

/** Its first results may still bring it UP. */
function mayComeUp(checked: readonly Checked[]): boolean {
  return checked.some(({ state }) => state?.last === null || (state?.last.ok && !state.up));
}

/** As its checks say, undefined = they say nothing: the lowest that is set, and all that is added to it, within its limits. */
function saidWeight(
  { destination, weightMin, weightMax }: RealServerConfig,
  checked: readonly Checked[],
): number | undefined {
  const words = checked.flatMap(({ state }) => state?.weight ?? []);
  if (words.length === 0) return undefined;
  const sets = words.filter(({ kind }) => kind === "set").map(({ value }) => value);
  const base = sets.length === 0 ? destination.weight : Math.min(...sets);
  const added = words.reduce((sum, { kind, value }) => (kind === "add" ? sum + value : sum), base);
  return Math.min(Math.max(added, weightMin), weightMax);
}

/** One that no check ever found well is DOWN for what a check of it said. */
export function explained(standing: Standing, checked: readonly Checked[]): Standing {
  if (standing.cause !== NONE_SUCCEEDED) return standing;
  const failed = checked.find(({ state }) => state?.last?.ok === false);
  const last = failed?.state?.last;
  return failed && last ? { ...standing, cause: causeText(failed.config, last) } : standing;
}

export function causeText({ name }: CheckConfig, { cause, detail }: Why): string {
  return `${name}: ${cause}${detail && ` (${detail})`}`;
}

export function checkStatus({ config, state }: Checked): CheckStatus {
  const { name, type } = config;
  const last = state?.last ?? null;
  return {
    name,
    type,
    state: state?.up ? "UP" : "DOWN",
    last_ok: last?.ok ?? null,
    last_detail: last?.detail ?? null,
    last_took_ms: last?.tookMs ?? null,
    last_at: last === null ? null : wallTimeOf(last.atMs),
    recent: (last === null ? [] : [last, ...(state?.earlier ?? [])]).map(resultStatus),
  };
}

function resultStatus({
  ok,
  cause,
  detail,
  tookMs,
  atMs,
}: LastProbe): NonNullable<CheckStatus["recent"]>[number] {
  return { ok, cause, detail, took_ms: tookMs, at: wallTimeOf(atMs) };
}

/** Does the kernel's table (`actual`, by name of the service) have it, with `weightMin` at least? */
export function isServing(
  virtualServer: VirtualServerConfig,
  realServer: RealServerConfig,
  actual: ReadonlyMap<string, Service>,
  weightMin: 0 | 1,
): boolean {
  return virtualServer.keys.some((key) => {
    const place = placeOf(destinationIn(key, realServer.destination));
    const service = actual.get(serviceName(canonicalKey(key)));
    const destination = service?.destinations.find((each) => placeOf(each) === place);
    return (destination?.weight ?? -1) >= weightMin;
  });
}

/** Its checks rest while this node has none of the addresses. */
export function isSuspended(
  { haSuspend, keys, marks }: VirtualServerConfig,
  hasAddress: (address: string) => boolean,
): boolean {
  const named = [...keys.flatMap((key) => (key.kind === "address" ? [key] : [])), ...marks];
  return (
    haSuspend && !named.some(({ address }) => hasAddress(canonicalAddress(address) ?? address))
  );
}

/** Of a real server, among those of all virtual servers. */
export function serverKey(virtualServer: string, realServer: string): string {
  return JSON.stringify([virtualServer, realServer]);
}
