// What every engine of the bench is given: the same signed transactions, block by block.
import { metisTokenBytecode } from "@metis/protocol/contracts";
import type { Address, Hex } from "viem";
import { encodeAbiParameters, encodeFunctionData, getContractAddress, parseAbi } from "viem/utils";
import { recipient, type Call, type Signed, type Wallets } from "./wallets.ts";

export interface Workload {
  readonly name: string;
  /** Blocks that make the contracts and warm the engine up. */
  readonly before: readonly (readonly Signed[])[];
  readonly blocks: readonly (readonly Signed[])[];
}

export interface Size {
  readonly blocks: number;
  readonly perBlock: number;
  /** Different accounts that receive. */
  readonly recipients: number;
}

export const times = async <Item>(count: number, item: (i: number) => Promise<Item>): Promise<Item[]> => {
  const items: Item[] = [];
  for (let i = 0; i < count; i++) items.push(await item(i));
  return items;
};

/** Blocks of calls, each signed by the next wallet in turn; the first block is for warming up. */
export async function callBlocks(
  wallets: Wallets,
  { blocks, perBlock }: Size,
  call: (i: number, wallet: number) => Call,
): Promise<{ readonly warmUp: Signed[]; readonly blocks: Signed[][] }> {
  const senders = wallets.addresses.length;
  const block = (b: number): Promise<Signed[]> =>
    times(perBlock, (i) => wallets.sign(i % senders, call(b * perBlock + i, i % senders)));
  return { warmUp: await block(0), blocks: await times(blocks, (b) => block(b + 1)) };
}

/** Plain transfers. */
export async function transfers(wallets: Wallets, size: Size): Promise<Workload> {
  const { warmUp, blocks } = await callBlocks(wallets, size, (i) => {
    return { to: recipient(i % size.recipients), value: 1n, gas: 21_000n };
  });
  return { name: "transfers", before: [warmUp], blocks };
}

export const tokenAbi = parseAbi([
  "function transfer(address to, uint256 amount)",
  "function approve(address spender, uint256 amount)",
]);
export const transferCall = (to: Address, amount: bigint): Hex =>
  encodeFunctionData({ abi: tokenAbi, functionName: "transfer", args: [to, amount] });
export const supply = 10n ** 30n;
export const share = 10n ** 24n;
export const maker = 0;

export interface Deployed {
  readonly address: Address;
  readonly transaction: Signed;
}

export async function deploy(wallets: Wallets, code: Hex, constructor: Hex = "0x"): Promise<Deployed> {
  const address = getContractAddress({ from: wallets.addresses[maker]!, nonce: wallets.nonce(maker) });
  const data: Hex = `${code}${constructor.slice(2)}`;
  return {
    address: address.toLowerCase() as Address,
    transaction: await wallets.sign(maker, { data, gas: 6_000_000n }),
  };
}

export const call = (wallets: Wallets, wallet: number, to: Address, data: Hex): Promise<Signed> =>
  wallets.sign(wallet, { to, data, gas: 400_000n });

/** Transfers of this repository's METIS token (OpenZeppelin's ERC-20 with permit). */
export async function tokenTransfers(wallets: Wallets, size: Size): Promise<Workload> {
  const constructor = encodeAbiParameters(
    [{ type: "address" }, { type: "uint256" }],
    [wallets.addresses[maker]!, supply],
  );
  const token = await deploy(wallets, metisTokenBytecode, constructor);
  const shares = await Promise.all(
    wallets.addresses.slice(1).map((to) => call(wallets, maker, token.address, transferCall(to, share))),
  );
  const { warmUp, blocks } = await callBlocks(wallets, size, (i) => {
    return { to: token.address, data: transferCall(recipient(i % size.recipients), 1n), gas: 70_000n };
  });
  return { name: "ERC-20 transfers", before: [[token.transaction], shares, warmUp], blocks };
}
