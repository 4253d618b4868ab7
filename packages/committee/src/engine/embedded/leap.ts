import type { Address } from "viem";
import { BftCore } from "../../bft/core.ts";
import type { BftSet, QuorumForm } from "../../bft/forms.ts";
import { decodeEnvelope, envelopeId } from "./envelope.ts";
import type { Decided } from "./mesh.ts";
import { proposerOrder } from "./rotation.ts";
import { coreWeights, sortMembers } from "./sets.ts";
import type { EngineState } from "./state.ts";
import type { EmbeddedOptions } from "./types.ts";

/** The core of one height, and the order in which its rounds are led. */
export function openCore(
  { address, domain, keys, clock }: Pick<EmbeddedOptions, "address" | "domain" | "keys" | "clock">,
  { height, members, rotation }: EngineState,
): { readonly core: BftCore; readonly set: BftSet } {
  const set: BftSet = { members: coreWeights(members), order: proposerOrder(rotation, members, height) };
  const now = (): bigint => BigInt(Math.floor(clock.monotonic() * 1e6));
  return { core: new BftCore({ address, domain, height: Number(height), set, keys, now }), set };
}

/**
 * The state in which a decided height can be taken in without those before it: its block is part of this node's chain, which names
 * the set; that set signed for the envelope, which carries the rotation. Nothing for a height without a block, for a block this
 * node does not hold, and for a certificate of anybody else. Throws `bad-envelope`.
 */
export async function stateAt(options: EmbeddedOptions, decided: Decided): Promise<EngineState | undefined> {
  const { certificate, envelope } = decided;
  const { height, rotation, proposal } = decodeEnvelope(envelope);
  if (envelopeId(envelope) !== certificate.value || BigInt(certificate.height) !== height) return undefined;
  const found = proposal.length === 0 ? undefined : await options.application.membersOf?.(proposal);
  if (found === undefined || found.length !== rotation.credit.length) return undefined;
  const members = sortMembers(found);
  if (rotation.leader >= members.length || rotation.absentUntil.length !== members.length) return undefined;
  const state: EngineState = { height, members, nextMembers: undefined, rotation, blockless: false };
  return isCertified(options, state, decided) ? state : undefined;
}

/** What the core is told of a height that others decided, once it has accepted the certificate. */
export const syncedValue = ({ height, round, value }: QuorumForm) =>
  ({ input: "value", height, round, validRound: -1, value, valid: true, synced: true }) as const;

/** Whether the set of `state` signed: asked of a core that exists for nothing else and never speaks. */
function isCertified(options: EmbeddedOptions, state: EngineState, { certificate }: Decided): boolean {
  const mute = { sign: (): never => fail(), recovers: options.keys.recovers.bind(options.keys) };
  const watcher: Address = "0x0000000000000000000000000000000000000000";
  const { core, set } = openCore({ ...options, address: watcher, keys: mute }, state);
  core.step({ input: "start", height: Number(state.height), set, restart: false });
  const isAccepted = core.step({ input: "sync", certificate }).some(({ event }) => event === "syncAccepted");
  core.close();
  return isAccepted;
}

const fail = (): never => {
  throw new Error("a core that only watches was asked to sign");
};
