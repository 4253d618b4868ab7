import {
  chooseSet,
  signerProofDigest,
  signerPublicKey,
  type Hash,
  type Profile,
  type SetMember,
} from "@metis/protocol";
import { lockingPoolAbi, metisTokenAbi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Address, type Hex } from "viem";
import { publicKeyToAddress } from "viem/accounts";
import { DeployError } from "./errors.ts";
import type { L1Contracts } from "./plan.ts";

/** The key that signs for a seat, or whoever can ask it. A viem local account is one. */
export interface SeatSigner {
  /** Uncompressed, 65 bytes. */
  readonly publicKey: Hex;
  /** 65 bytes r ‖ s ‖ v. Asked once, for the proof of possession. */
  sign(request: { readonly hash: Hash }): Promise<Hex>;
}

/** A seat that a chain starts with. */
export interface InitialSeat {
  /** May add to the stake, take it out and change the key. */
  readonly owner: Address;
  /** Default: the owner. */
  readonly rewardRecipient?: Address;
  /** METIS wei, out of the deployer's METIS. */
  readonly amount: bigint;
  readonly signer: SeatSigner;
}

/** More do not fit one L1 transaction (EIP-7825) with their proofs. */
export const maxInitialSeats = 50;

/**
 * Throws `DeployError` "seats-invalid" for what LockingPool would refuse: too few or too many seats, an amount out of bounds,
 * an owner or a signer twice.
 */
export function assertSeats(seats: readonly InitialSeat[], { l1 }: Profile): void {
  const refuse = (why: string): never => {
    throw new DeployError("seats-invalid", `The first seats are not possible: ${why}.`, { seats: seats.length });
  };
  if (seats.length === 0 || seats.length > maxInitialSeats)
    refuse(`there are ${seats.length}, and a chain starts with 1 to ${maxInitialSeats}`);
  const wrong = seats.find(({ amount }) => amount < l1.minLock || amount > l1.maxLock);
  if (wrong) refuse(`${wrong.amount} METIS wei is not between ${l1.minLock} and ${l1.maxLock}`);
  const owners = new Set(seats.map(({ owner }) => owner.toLowerCase()));
  const signers = new Set(seats.map(({ signer }) => signer.publicKey.toLowerCase()));
  if (owners.size < seats.length || signers.size < seats.length) refuse("an owner or a signer has two of them");
}

/** The set of epochs 0 and 1: what LockingPool makes of `seats`. */
export const initialSet = (seats: readonly InitialSeat[], { l1 }: Profile): readonly SetMember[] =>
  chooseSet(
    seats.map(({ amount, signer }, i) => ({
      seqId: BigInt(i + 1),
      signer: publicKeyToAddress(signer.publicKey),
      own: amount,
      delegated: 0n,
      jailed: false,
    })),
    l1,
  );

/** METIS wei that the first seats lock together. */
export const stakesOf = (seats: readonly InitialSeat[]): bigint => seats.reduce((sum, { amount }) => sum + amount, 0n);

/** Call of `LockingPool.initialize`, with every signer's proof of possession. */
export async function initializePool(
  contracts: L1Contracts,
  l1ChainId: bigint,
  payer: Address,
  seats: readonly InitialSeat[],
  permissionless: boolean,
): Promise<Hex> {
  const given = seats.map(async ({ owner, rewardRecipient = owner, amount, signer }) => {
    const address = publicKeyToAddress(signer.publicKey);
    const request = { l1ChainId, lockingPool: contracts.lockingPool, owner, signer: address };
    const proof = await signer.sign({ hash: signerProofDigest(request) });
    return { owner, rewardRecipient, amount, signerPublicKey: signerPublicKey(signer.publicKey), proof };
  });
  return encodeFunctionData({
    abi: lockingPoolAbi,
    functionName: "initialize",
    args: [contracts.systemConfig, payer, await Promise.all(given), permissionless],
  });
}

/** Lets the escrow take the first stakes from the deployer. */
export const approveStakes = (contracts: L1Contracts, seats: readonly InitialSeat[]) => ({
  what: "approve the first stakes",
  to: contracts.metisToken,
  data: encodeFunctionData({
    abi: metisTokenAbi,
    functionName: "approve",
    args: [contracts.lockingInfo, stakesOf(seats)],
  }),
});
