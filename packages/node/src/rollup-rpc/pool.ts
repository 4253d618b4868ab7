import { method } from "@metis/runtime";
import type { RpcMethod } from "@metis/runtime";
import type { NodeBase } from "../wiring/base.ts";
import type { Seat } from "../wiring/seat.ts";
import type { SilenceStatus } from "../pool/handover/keeper.ts";
import { show } from "./format.ts";

/** Last signed blocks that are shown. */
const shownBlocks = 20;

/** How the pool fares, as a node with a seat sees it. */
export const poolMethods = (base: NodeBase, seat: Seat | undefined): Readonly<Record<string, RpcMethod>> => ({
  rollup_poolStatus: method([], () => show(seat ? poolStatus(base, seat) : null)),
});

function poolStatus({ status, chain, heads, deployment }: NodeBase, { signer, mesh, monitor }: Seat) {
  const { engine, blocks } = monitor;
  const members = engine?.members ?? chain.certificate(heads.heads().signed.number)?.certificate.members;
  return {
    self: signer.address,
    engine: mesh ? "embedded" : "solo",
    generation: BigInt(status.generation),
    height: engine?.height ?? null,
    round: engine?.round ?? 0,
    leader: engine?.proposer ?? signer.address,
    halted: monitor.halted ?? null,
    signedAge: monitor.signedAge,
    missedTurns: monitor.missedBy(signer.address),
    signingFailures: monitor.signingFailures,
    members: (members ?? deployment.sequencers).map(({ signer: member, weight }) => ({
      signer: member,
      weight,
      connected: monitor.isConnected(member),
      absent: engine?.absent.includes(member) ?? false,
      missedTurns: monitor.missedBy(member),
      signed: blocks.filter(({ signers }) => signers.includes(member)).length,
      of: blocks.filter(({ members: all }) => all.includes(member)).length,
    })),
    blocks: blocks
      .slice(-shownBlocks)
      .toReversed()
      .map(({ number, proposer, signers, weight, totalWeight }) => ({
        number,
        proposer,
        signers,
        weight,
        totalWeight,
      })),
    calendar: engine?.calendar ?? [],
    emergency: monitor.emergency ? emergencyOf(monitor.emergency) : null,
  };
}

/** The pool's silence as L1 counts it. */
function emergencyOf({ phase, now, since, presentWeight, countedWeight, totalWeight, announced }: SilenceStatus) {
  return {
    phase,
    silentFor: Number(now - since),
    presentWeight,
    countedWeight,
    totalWeight,
    readyAt: announced?.readyAt ?? null,
    pinned: announced?.pinned ?? null,
  };
}
