// A small L2 chain for tests: one funded account, L1Block, a storage contract, anchors made up header by header.
import {
  encodeRlp,
  genesisExtraData,
  predeploys,
  profiles,
  type BlockInputs,
  type Deposit,
  type Hash,
} from "@metis/protocol";
import { historyRuntime, l1BlockRuntime } from "@metis/protocol/contracts";
import { keccak256, numberToHex, type Address, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { BlockContext, BlockRef } from "../api.ts";
import { fromBigInt, toHex } from "../bytes.ts";
import type { Genesis } from "../genesis.ts";

export const alice = privateKeyToAccount(`0x${"11".repeat(32)}`);
export const bob: Address = "0x00000000000000000000000000000000000000bb";
export const chainId = 901_088n;
const genesisTime = 1_700_000_000n;
const zeroHash: Hash = `0x${"00".repeat(32)}`;

/** With 64 bytes of calldata: writes word 2 to slot word 1. Otherwise: returns the slot word 1. */
export const vault: Address = "0x000000000000000000000000000000000000abcd";
const vaultCode: Hex = "0x366040146013576000355460005260206000f35b6020356000355500";

/**
 * Writes what is known of block number word 0 of the calldata: BLOCKHASH to the slot of that number, and what EIP-2935's contract says to
 * the slot of the number's complement.
 */
export const historian: Address = "0x000000000000000000000000000000000000beef";
const historianCode: Hex = `0x5f35804081555f526020602060205f73${predeploys.history.slice(2)}5afa6020515f35195500`;

/** An L1 header of the Osaka kind. */
export function anchorHeader(number: bigint): { readonly rlp: Hex; readonly hash: Hash; readonly time: bigint } {
  const time = genesisTime + number;
  const rlp = encodeRlp([
    zeroHash,
    "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
    predeploys.sequencerFeeVault,
    zeroHash,
    zeroHash,
    zeroHash,
    new Uint8Array(256),
    0n,
    number,
    30_000_000n,
    0n,
    time,
    "0x",
    numberToHex(number, { size: 32 }),
    new Uint8Array(8),
    1_000_000_000n,
    zeroHash,
    0n,
    0n,
    zeroHash,
    zeroHash,
  ]);
  return { rlp: toHex(rlp), hash: keccak256(rlp), time };
}

const word = (value: bigint): Hex => numberToHex(value, { size: 32 });

/** docs/spec/contracts.md, "L1Block's storage": number and time, hash, rate, time of the rate. */
const l1BlockStorage = (anchor: { readonly hash: Hash; readonly time: bigint }): Record<Hex, Hex> => ({
  [word(0n)]: word(anchor.time << 64n),
  [word(2n)]: anchor.hash,
  [word(4n)]: word(profiles.devnet.chain.initialRate),
  [word(5n)]: word(anchor.time),
});

export function rollupGenesis(
  balances: Readonly<Record<Address, bigint>> = { [alice.address.toLowerCase()]: 10n ** 21n },
): Genesis {
  const anchor = anchorHeader(0n);
  const accounts = Object.entries(balances).map(([address, balance]) => [address, { balance }] as const);
  return {
    chainConfig: {
      ...profiles.devnet.chain,
      l1ChainId: 31_337n,
      l2ChainId: chainId,
      genesisAnchorNumber: 0n,
      genesisAnchorHash: anchor.hash,
      genesisAnchorTime: anchor.time,
    },
    alloc: {
      ...Object.fromEntries(accounts),
      [predeploys.l1Block]: { nonce: 1n, balance: 0n, code: l1BlockRuntime, storage: l1BlockStorage(anchor) },
      [predeploys.history]: { nonce: 1n, balance: 0n, code: historyRuntime },
      [vault]: { nonce: 1n, balance: 0n, code: vaultCode },
      [historian]: { nonce: 1n, balance: 0n, code: historianCode },
    },
    header: {
      timestamp: anchor.time,
      gasLimit: profiles.devnet.chain.gasLimit,
      baseFeePerGas: 1_000_000_000n,
      extraData: genesisExtraData,
      coinbase: predeploys.sequencerFeeVault,
      mixHash: zeroHash,
      parentBeaconBlockRoot: zeroHash,
    },
  };
}

interface NextBlock {
  readonly transactions?: readonly Hex[];
  /** L1 block to build on; the genesis anchor unless given. */
  readonly anchor?: bigint;
  readonly deposits?: readonly Deposit[];
}

/** Inputs of the block after `head`. */
export function nextContext(
  head: BlockRef,
  { transactions = [], anchor = 0n, deposits = [] }: NextBlock = {},
): BlockContext {
  const header = anchorHeader(anchor);
  const number = head.number + 1n;
  const inputs: BlockInputs = {
    number,
    time: genesisTime + 100n + number,
    generation: 0,
    flags: 0,
    proposer: "0x00000000000000000000000000000000000000aa",
    anchorNumber: anchor,
    anchorHash: header.hash,
    depositStart: deposits[0]?.index ?? 0n,
    depositEnd: deposits.length === 0 ? 0n : deposits.at(-1)!.index + 1n,
    rate: 0n,
    attendance: "0x",
    transactions,
  };
  return { inputs, anchorHeader: header.rlp, deposits };
}

/** A signed transfer or call of alice. */
export const signed = (
  nonce: number,
  {
    to = bob,
    value = 0n,
    data = "0x",
    gas = 100_000n,
  }: { to?: Address | null; value?: bigint; data?: Hex; gas?: bigint } = {},
): Promise<Hex> =>
  alice.signTransaction({
    type: "eip1559",
    chainId: Number(chainId),
    nonce,
    to,
    value,
    data,
    gas,
    maxFeePerGas: 10n ** 12n,
    maxPriorityFeePerGas: 10n ** 9n,
  });

/** Calldata that writes `value` to `slot` of the vault. */
export const store = (slot: bigint, value: bigint): Hex =>
  toHex(Buffer.concat([fromBigInt(slot, 32), fromBigInt(value, 32)]));
