// Sends the announcements of all instances, at the pace that their interfaces have.

import type { PacketSocket } from "../../kernel/packet-socket.ts";
import type { Clock } from "../../lib/clock.ts";
import { drive } from "../../lib/drive.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { announcementFrames, type LinkOf } from "../../vip/holding/apply.ts";
import type { Vip } from "../../vip/model.ts";
import * as pacing from "../../vip/pacing.ts";

export type Announcer = {
  /** Each address `count` times; what `owner`, an instance, still has waiting is not said twice. */
  readonly announce: (owner: string, vips: readonly Vip[], count: number) => void;
  /** Nothing that waits for `owner` goes out any more. */
  readonly drop: (owner: string) => void;
  readonly configure: (config: pacing.PacingConfig) => void;
  readonly close: () => void;
};

export const UNPACED: pacing.PacingConfig = { garpMs: 0, gnaMs: 0, groups: [] };

export function openAnnouncer(parts: {
  readonly clock: Clock;
  readonly packets: PacketSocket;
  readonly linkOf: LinkOf;
  /** What leaves by a packet socket passes no chain of nftables: the lease of its owner is looked at in front of each frame. */
  readonly isSilent: (owner: string) => boolean;
  readonly log: Log;
}): Announcer {
  const { clock, packets, linkOf, isSilent, log } = parts;
  const driven = drive({
    engine: pacing,
    config: UNPACED,
    state: pacing.UNHURRIED,
    clock,
    timerInput: (nowMs): pacing.PacingInput => ({ type: "timer", nowMs }),
    perform: send,
  });

  function send({ owner, vips, count }: pacing.PacingAction): undefined {
    const frames = announcementFrames(vips, linkOf);
    try {
      for (let round = 0; round < count; round += 1) {
        for (const { interfaceIndex, bytes } of frames) {
          if (isSilent(owner)) return;
          packets.send(interfaceIndex, bytes);
        }
      }
    } catch (error) {
      log.warn({ instance: owner, error: errorText(error) }, "announcement not sent");
    }
  }

  return {
    announce: (owner, vips, count) =>
      driven.give({ type: "burst", nowMs: clock.nowMs(), owner, vips, count }),
    drop: (owner) => driven.give({ type: "drop", owner }),
    configure: (config) => driven.reconfigure(config),
    close: () => driven.stop(),
  };
}
