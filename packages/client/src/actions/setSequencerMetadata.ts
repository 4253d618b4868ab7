import { encodeFunctionData, type Hash } from "viem";
import { ClientError } from "../errors.ts";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { delegatingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";
import type { SequencerMetadata } from "./getSequencerList.ts";

export interface SetSequencerMetadataParameters extends SendOptions {
  readonly contracts: StakingRoot;
  readonly seatId: bigint;
  readonly metadata: SequencerMetadata;
}
/** Hash of the L1 transaction. */
export type SetSequencerMetadataReturnType = Hash;
/** `ClientError`: no-account, metadata-invalid, contract-refused. */
export type SetSequencerMetadataErrorType = Error;

const maxName = 24;
const maxDescription = 200;

/**
 * How a seat presents itself in lists of sequencers. The seat's owner sends it.
 *
 * @example
 * const hash = await l1Wallet.setSequencerMetadata({ seatId: 3n, metadata: { name: "North", url: "https://example.org" } });
 */
export async function setSequencerMetadata(
  client: WalletLike,
  { contracts, seatId, metadata, ...options }: SetSequencerMetadataParameters,
): Promise<SetSequencerMetadataReturnType> {
  assertMetadata(metadata);
  const { delegation } = await stakingContracts(client, contracts);
  const functionName = "setMetadata";
  const { name, avatar = "", desc = "", url = "", media = "" } = metadata;
  const data = encodeFunctionData({ abi, functionName, args: [seatId, { name, avatar, desc, url, media }] });
  return send(client, { ...options, to: delegation, data, abi, functionName });
}

/** The rules of Metis' sequencer list; throws `metadata-invalid`. */
function assertMetadata({ name, desc = "", url = "", avatar = "" }: SequencerMetadata): void {
  const refuse = (why: string): never => {
    throw new ClientError("metadata-invalid", `the seat cannot be presented like this: ${why}`);
  };
  const length = (text: string): number => Array.from(text).length;
  if (length(name) === 0 || length(name) > maxName) refuse(`a name has 1 to ${maxName} characters`);
  if (length(desc) > maxDescription) refuse(`a description has at most ${maxDescription} characters`);
  for (const address of [url, avatar].filter((text) => text !== ""))
    if (!URL.canParse(address) || !address.startsWith("https://")) refuse(`${address} is not an https:// address`);
}
