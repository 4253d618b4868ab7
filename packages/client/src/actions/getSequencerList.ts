import type { Address, Hex } from "viem";
import { readContract } from "viem/actions";
import type { ReaderLike } from "../utils/send.ts";
import { delegatingAbi, stakingAbi, stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface GetSequencerListParameters {
  readonly contracts: StakingRoot;
}

/** What a seat's owner says of it. */
export interface SequencerMetadata {
  readonly name: string;
  /** Address of a picture. */
  readonly avatar?: string;
  readonly desc?: string;
  readonly url?: string;
  readonly media?: string;
}

/** An entry in the shape of Metis' sequencer list, with the seat's number. */
export interface SequencerEntry extends Required<SequencerMetadata> {
  readonly seq_id: string;
  readonly address: Address;
  readonly seq_addr: Address;
  /** Uncompressed, 64 bytes. */
  readonly pubkey: Hex;
}
export type GetSequencerListReturnType = readonly SequencerEntry[];
/** What viem throws when the endpoint does not answer. */
export type GetSequencerListErrorType = Error;

/** As LockingPool counts statuses. */
const active = 2;

/**
 * The active seats, as lists of sequencers show them. A seat that has said nothing of itself has an empty name.
 *
 * @example
 * const json = JSON.stringify(await l1Client.getSequencerList(), undefined, 2);
 */
export async function getSequencerList(
  client: ReaderLike,
  { contracts }: GetSequencerListParameters,
): Promise<GetSequencerListReturnType> {
  const { delegation, lockingPool } = await stakingContracts(client, contracts);
  const pool = { address: lockingPool, abi: stakingAbi } as const;
  const count = await readContract(client, { ...pool, functionName: "totalSequencers" });
  const entries = await Promise.all(
    Array.from({ length: Number(count) }, async (_, index): Promise<SequencerEntry | undefined> => {
      const args = [BigInt(index + 1)] as const;
      const [seat, metadata] = await Promise.all([
        readContract(client, { ...pool, functionName: "sequencers", args }),
        readContract(client, { address: delegation, abi: delegatingAbi, functionName: "metadataOf", args }),
      ]);
      if (seat.status !== active) return undefined;
      const { owner: address, signer, signerPublicKey: pubkey } = seat;
      return { seq_id: `${args[0]}`, ...metadata, address, seq_addr: signer, pubkey };
    }),
  );
  return entries.filter((entry) => entry !== undefined);
}
