import type { Address, Hex } from "viem";
import { encodeAbiParameters, hashTypedData, keccak256 } from "viem/utils";
import type { Hash } from "./brands.ts";
import type { SetMember } from "./structs.ts";

/** From this many seats on the loss of any one leaves more than two thirds (docs/spec/staking.md, "Weights"). */
export const cappedFrom = 4;
/** The own stake is at least this part of what counts. */
const ownPart = 5n;

/** What of a seat the choice of a set looks at. Amounts in METIS wei. */
export interface StakedSeat {
  readonly seqId: bigint;
  readonly signer: Address;
  readonly own: bigint;
  readonly delegated: bigint;
  readonly jailed: boolean;
}

/** Rules of the choice, from L1's parameters. Amounts in METIS wei. */
export interface SetRules {
  readonly maxLock: bigint;
  readonly ejectionBelow: bigint;
  readonly maxSeats: number;
}

const least = (...values: readonly bigint[]): bigint => values.reduce((a, b) => (b < a ? b : a));

/** Weight of a stake before the cap on its share of a set: own and delegated, up to five times the own and `maxLock`. */
export const stakeWeight = (own: bigint, delegated: bigint, maxLock: bigint): bigint =>
  least(own + delegated, own * ownPart, maxLock);

/**
 * The largest c with 3c below the sum of the weights capped at c, or the largest weight when none passes it.
 * `weights` descend; there are at least four, none zero. At most two of them can lie above c.
 */
export function weightCap(weights: readonly bigint[]): bigint {
  const [first, second] = weights as readonly [bigint, bigint];
  const sum = weights.reduce((a, b) => a + b, 0n);
  if (3n * first < sum) return first;
  const rest = sum - first;
  const one = (rest - 1n) / 2n;
  return second <= one ? one : rest - second - 1n;
}

/** Heavier first; among equals the older seat. */
const heavierFirst = (a: { weight: bigint; seqId: bigint }, b: { weight: bigint; seqId: bigint }): number =>
  a.weight === b.weight ? Number(a.seqId - b.seqId) : a.weight > b.weight ? -1 : 1;

/** The set that LockingPool freezes when `candidates` stand in line: strictly ascending by signer, weights capped. */
export function chooseSet(candidates: readonly StakedSeat[], rules: SetRules): readonly SetMember[] {
  const chosen = candidates
    .filter(({ own, jailed }) => own >= rules.ejectionBelow && !jailed)
    .map(({ seqId, signer, own, delegated }) => {
      return { seqId, signer, weight: stakeWeight(own, delegated, rules.maxLock) };
    })
    .toSorted(heavierFirst)
    .slice(0, rules.maxSeats);
  const cap = chosen.length >= cappedFrom ? weightCap(chosen.map(({ weight }) => weight)) : undefined;
  return chosen
    .map(({ signer, weight }) => {
      return { signer: signer.toLowerCase() as Address, weight: cap === undefined ? weight : least(weight, cap) };
    })
    .toSorted((a, b) => (BigInt(a.signer) < BigInt(b.signer) ? -1 : 1));
}

/** A key's agreement to sign for an owner's seat: EIP-712 typed data (docs/spec/staking.md, "Proof of possession"). */
export interface SignerProofRequest {
  readonly l1ChainId: bigint;
  readonly lockingPool: Address;
  readonly owner: Address;
  /** Address of the key that signs. */
  readonly signer: Address;
}

/** The proof's typed data, as wallets and signers take it. */
export const signerProofTypedData = ({ l1ChainId, lockingPool, owner, signer }: SignerProofRequest) =>
  ({
    domain: { name: "Metis LockingPool", version: "1", chainId: l1ChainId, verifyingContract: lockingPool },
    types: {
      SignerProof: [
        { name: "owner", type: "address" },
        { name: "signer", type: "address" },
      ],
    },
    primaryType: "SignerProof",
    message: { owner, signer },
  }) as const;

/** EIP-712 digest that the key signs; `signDigest` makes the proof of it. */
export const signerProofDigest = (request: SignerProofRequest): Hash => hashTypedData(signerProofTypedData(request));

/** Offences as SlashingManager numbers them; part of every evidence's id. */
export const Offence = { equivocation: 1 } as const;

/** Id under which SlashingManager remembers that a seat was slashed for two attestations of one block. */
export const equivocationId = (seqId: bigint, generation: number, number: bigint): Hash =>
  keccak256(
    encodeAbiParameters(
      [{ type: "uint8" }, { type: "uint256" }, { type: "uint32" }, { type: "uint64" }],
      [Offence.equivocation, seqId, generation, number],
    ),
  );

/** A 65-byte public key (0x04 first) as LockingPool takes it: without the prefix. Throws `RangeError` for another form. */
export function signerPublicKey(uncompressed: Hex): Hex {
  if (!/^0x04[0-9a-fA-F]{128}$/.test(uncompressed)) throw new RangeError("not an uncompressed public key of 65 bytes");
  return `0x${uncompressed.slice(4)}`;
}
