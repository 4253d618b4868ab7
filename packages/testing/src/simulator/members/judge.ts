import { decodeAttestationMessage, decodeMeshMessage, MeshChannel } from "@metis/committee";
import type { BftMessage, CertifiedBlock, FinalizeBlock, SequencerSet } from "@metis/committee";
import { BlockFlag, blockAttestationDigest, decodeBlockInputs, epochOf, setHash } from "@metis/protocol";
import type { BlockAttestation, BlockInputs, Generation } from "@metis/protocol";
import type { Address, Hex } from "viem";
import { attendanceFault } from "./attendance.ts";
import type { ModelChain } from "./chain.ts";
import type { Keyring } from "./keys.ts";
import { beginning, simulatedConfig as config } from "./l1.ts";
import type { SimulatedL1 } from "./l1.ts";
import { domain } from "./member.ts";
import type { Station, Wiretap } from "./network.ts";
import { maxSkewMs } from "./scenario.ts";

export interface JudgeOptions {
  readonly l1: SimulatedL1;
  readonly keyring: Keyring;
  /** Keys that only honest processes use. */
  readonly isHonest: (signer: Address) => boolean;
}

/** Two attestations of one signer for one place that one process took. */
export interface SeenTwice {
  readonly by: Station;
  readonly signer: Address;
  readonly place: string;
  readonly at: number;
}

const text = new TextDecoder("latin1");

/**
 * Watches a pool from outside and knows what must never be. Counts for itself: nothing here uses the pool's own code for quorums,
 * certificates or sets.
 */
export class Judge implements Wiretap {
  readonly violations: string[] = [];
  readonly seenTwice: SeenTwice[] = [];
  /** Certificates that were checked. */
  certificates = 0;
  readonly #options: JudgeOptions;
  readonly #votes = new Map<string, string>();
  readonly #attested = new Map<string, Hex>();
  readonly #decided = new Map<string, string>();
  /** Heights that must carry no block, and the set that still decides them. */
  readonly #handovers = new Map<string, SequencerSet>();
  readonly #committed = new Map<string, Hex>();
  readonly #certified = new Map<string, Hex>();
  /** What each process took: place to digests. */
  readonly #taken = new Map<Station, Map<string, Set<Hex>>>();
  readonly #now: () => number;

  constructor(options: JudgeOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
  }

  accuse(violation: string): void {
    const line = `${Math.round(this.#now())} ms: ${violation}`;
    if (this.violations.length < 20) this.violations.push(line);
  }

  sent(from: Station, message: Uint8Array): void {
    if (!from.isAlive() || !this.#options.isHonest(from.address)) return;
    const body = message.subarray(1);
    if (message[0] === MeshChannel.consensus) this.#engineSent(from.address, body);
    else if (message[0] === MeshChannel.attestations) this.#attestationSent(from, body);
  }

  delivered(to: Station, _: Address, message: Uint8Array): void {
    if (message[0] !== MeshChannel.attestations || !this.#options.isHonest(to.address)) return;
    const given = attestationIn(message.subarray(1));
    if (given?.attestation.generation !== to.generation()) return;
    const digest = digestOf(given.attestation);
    const signer = this.#options.keyring.recover(digest, given.signature);
    if (signer === undefined || !this.#options.l1.isMember(signer)) return;
    const place = `${signer}/${placeOf(given.attestation)}`;
    const taken = this.#taken.get(to) ?? new Map<string, Set<Hex>>();
    this.#taken.set(to, taken);
    const digests = taken.get(place) ?? new Set();
    taken.set(place, digests.add(digest));
    if (digests.size === 2) this.seenTwice.push({ by: to, signer, place, at: this.#now() });
  }

  /** The chain of the process went another way: what it took before is void to it. */
  forget(station: Station): void {
    this.#taken.delete(station);
  }

  /** An honest member with the blocks of `chain` was handed a decided proposal. */
  decided({ height, proposer, proposal }: FinalizeBlock, generation: Generation, chain: ModelChain): void {
    const place = `${generation}/${height}`;
    this.#once(this.#decided, place, text.decode(proposal), "two proposals decided at");
    const old = this.#handovers.get(place);
    if (old && proposal.length > 0) this.accuse(`height ${height} hands a set over and carries a block`);
    if (old && !hasSeat(old, proposer)) this.accuse(`height ${height} is led by the set that it hands over to`);
    if (proposal.length === 0) return;
    const inputs = decodeBlockInputs(proposal);
    this.#checkEpoch(inputs, proposer, chain, `${generation}/${height + 1n}`);
    if (inputs.generation !== generation || inputs.proposer !== proposer)
      this.accuse(`height ${height} decided a block of generation ${inputs.generation} by ${inputs.proposer}`);
    const parent = chain.block(inputs.number - 1n);
    const broken =
      parent?.inputs?.generation === generation &&
      (this.#ruleBroken(inputs, parent.inputs) ?? this.#attendanceBroken(inputs, chain));
    if (broken) this.accuse(`height ${height} decided a block that no honest member votes for: ${broken}`);
  }

  /** The rules of voting, told anew; those about the clock with the largest skew, and without a lag behind L1. */
  #ruleBroken(inputs: BlockInputs, parent: BlockInputs): string | undefined {
    const { l1 } = this.#options;
    const anchor = l1.block(inputs.anchorNumber);
    const steps = inputs.anchorNumber - parent.anchorNumber;
    const clock = BigInt(Math.floor((beginning + this.#now() + maxSkewMs) / 1000));
    const rules: readonly (readonly [isBroken: boolean, what: string])[] = [
      [inputs.time <= parent.time || inputs.time < anchor.timestamp || inputs.time > clock + 2n, "time"],
      [steps < 0n || steps > BigInt(config.maxAnchorStep) || inputs.anchorHash !== anchor.hash, "anchor"],
      [inputs.anchorNumber + BigInt(config.l1Depth) > l1.head() && steps > 0n, "depth"],
      [inputs.depositStart !== parent.depositEnd || inputs.depositEnd !== parent.depositEnd, "deposits"],
      [inputs.rate !== 0n || (inputs.attendance !== "0x" && steps === 0n), "rate"],
      [(inputs.flags & ~BlockFlag.batchEnd) !== 0, "flags"],
    ];
    return rules.find(([isBroken]) => isBroken)?.[1];
  }

  #attendanceBroken(inputs: BlockInputs, chain: ModelChain): string | undefined {
    const { l1 } = this.#options;
    if (inputs.attendance === "0x" || chain.head().number < inputs.number - 1n) return undefined;
    return attendanceFault(inputs, chain, (epoch) => l1.setOf(epoch, inputs.generation));
  }

  /** Who is not in the epoch's set proposes nothing, and the height after an epoch's end carries no block. */
  #checkEpoch(inputs: BlockInputs, proposer: Address, chain: ModelChain, next: string): void {
    const { l1 } = this.#options;
    const parent = inputs.number - 1n;
    // Another chain than the one that the block was decided on says nothing about its epoch.
    if (chain.head().number < parent || generationOf(chain, parent) > inputs.generation) return;
    const epoch = epochOfBlock(chain, inputs.number);
    const set = l1.setOf(epoch, inputs.generation);
    const isLast = epochOf(config, inputs.anchorNumber) !== epoch;
    if (isLast && !endsBatch(inputs)) this.accuse(`block ${inputs.number} leaves epoch ${epoch} and ends no batch`);
    if (!hasSeat(set, proposer)) this.accuse(`block ${inputs.number} is by ${proposer}, who has no seat in its epoch`);
    const following = l1.setOf(epochOf(config, inputs.anchorNumber), inputs.generation);
    if (endsBatch(inputs) && following.hash !== set.hash) this.#handovers.set(next, set);
  }

  /** An honest member holds the blocks of `chain` up to its head. */
  committed(chain: ModelChain): void {
    const { number, hash } = chain.head();
    const generation = generationOf(chain, number);
    this.#once(this.#committed, `${generation}/${number}`, hash, "two blocks committed as");
    if (generation < generationOf(chain, number - 1n))
      this.accuse(`block ${number} of generation ${generation} stands on one of the next`);
  }

  /** An honest member holds this certificate; `chain` is its own. */
  certified({ attestation, certificate }: CertifiedBlock, chain: ModelChain): void {
    this.certificates++;
    const place = placeOf(attestation);
    const digest = digestOf(attestation);
    this.#once(this.#certified, place, attestation.blockHash, "two blocks certified as");
    const epoch = epochOfBlock(chain, attestation.number);
    if (attestation.epoch !== epoch) this.accuse(`${place} is certified in epoch ${attestation.epoch}, not ${epoch}`);
    const set = this.#options.l1.setOf(epoch, attestation.generation);
    if (setHash(certificate.members) !== set.hash) this.accuse(`${place} is certified by another set`);
    const fault = this.#faultOf(digest, certificate, set);
    if (fault !== undefined) this.accuse(`the certificate of ${place} ${fault}`);
  }

  #faultOf(digest: Hex, { bitmap, signatures }: CertifiedBlock["certificate"], set: SequencerSet): string | undefined {
    const [seen, total] = [new Set<Address>(), set.members.reduce((sum, member) => sum + member.weight, 0n)];
    let [weight, at] = [0n, 2];
    for (const [index, member] of set.members.entries()) {
      if (((bitmap >> BigInt(index)) & 1n) === 0n) continue;
      const signature: Hex = `0x${signatures.slice(at, at + 130)}`;
      at += 130;
      if (this.#options.keyring.recover(digest, signature) !== member.signer)
        return "holds a signature that is not one";
      if (seen.has(member.signer)) return "counts a member twice";
      seen.add(member.signer);
      weight += member.weight;
    }
    if (at !== signatures.length) return "is not as long as its bitmap says";
    return weight * 3n > total * 2n ? undefined : `weighs ${weight} of ${total}`;
  }

  #engineSent(from: Address, body: Uint8Array): void {
    const generation = new DataView(body.buffer, body.byteOffset).getUint32(0);
    const message = decodeMeshMessage(body.subarray(4));
    if (message.kind !== "bft") return;
    const said = whatIsSaid(message.message);
    if (said?.by === from) this.#once(this.#votes, `${generation}/${from}/${said.place}`, said.value, "double vote");
  }

  #attestationSent(from: Station, body: Uint8Array): void {
    const given = attestationIn(body);
    if (!given) return;
    const digest = digestOf(given.attestation);
    if (this.#options.keyring.recover(digest, given.signature) !== from.address) return;
    const place = `${from.address}/${placeOf(given.attestation)}`;
    const { generation, number } = given.attestation;
    const handover = this.#options.l1.handovers.find((one) => one.generation === generation);
    if (handover?.pin && number <= handover.pin.number)
      this.accuse(`an honest member is slashable: ${place} is not above the pinned block`);
    this.#once(this.#attested, place, digest, "an honest member is slashable:");
    if (!from.hasRecord(given.attestation, digest))
      this.accuse(`a signature left before its record was kept: ${place}`);
  }

  #once<T extends string>(known: Map<string, T>, place: string, value: T, what: string): void {
    const earlier = known.get(place);
    if (earlier !== undefined && earlier !== value) this.accuse(`${what} ${place}`);
    known.set(place, value);
  }
}

const hasSeat = ({ members }: SequencerSet, seat: Address): boolean => members.some(({ signer }) => signer === seat);

const digests = new Map<string, Hex>();
const maxDigests = 4096;

/** The digest of an attestation; every one comes to many members. */
function digestOf(attestation: BlockAttestation): Hex {
  const { blockHash, outputRoot, anchorNumber, anchorHash, epoch } = attestation;
  const key = `${placeOf(attestation)}/${epoch}/${blockHash}/${outputRoot}/${anchorNumber}/${anchorHash}`;
  const known = digests.get(key) ?? blockAttestationDigest(domain, attestation);
  if (digests.size >= maxDigests) digests.clear();
  digests.set(key, known);
  return known;
}

export const placeOf = ({ generation, number }: Pick<BlockAttestation, "generation" | "number">): string =>
  `${generation}/${number}`;

const generationOf = (chain: ModelChain, number: bigint): Generation => chain.block(number)?.inputs?.generation ?? 0;

/** Epoch of the batch that holds block `number`: that of the anchor before the batch. */
function epochOfBlock(chain: ModelChain, number: bigint): bigint {
  for (let before = number - 1n; before > 0n; before--) {
    const inputs = chain.block(before)?.inputs;
    if (inputs && endsBatch(inputs)) return epochOf(config, inputs.anchorNumber);
  }
  return epochOf(config, config.genesisAnchorNumber);
}

export const endsBatch = ({ flags }: Pick<BlockInputs, "flags">): boolean => (flags & BlockFlag.batchEnd) !== 0;

function attestationIn(body: Uint8Array) {
  try {
    const message = decodeAttestationMessage(body);
    return message.kind === "attestation" ? message : undefined;
  } catch {
    return undefined;
  }
}

/** Who says what where, for what may be said once. */
function whatIsSaid(message: BftMessage) {
  if (message.type === "vote") {
    const { height, round, precommit, value, voter } = message;
    return { by: voter, place: `${height}/${round}/${precommit}`, value: value ?? "nil" };
  }
  if (message.type !== "proposal") return undefined;
  const { height, round, value, polRound, proposer } = message;
  return { by: proposer, place: `${height}/${round}/proposal`, value: `${value}/${polRound}` };
}
