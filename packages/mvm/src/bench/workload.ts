// What every engine of the benchmark is given: the same signed transactions, block by block.
import { createRequire } from "node:module";
import { metisTokenBytecode } from "@metis/protocol/contracts";
import type { Address, Hex } from "viem";
import { privateKeyToAddress, sign } from "viem/accounts";
import {
  encodeAbiParameters,
  encodeFunctionData,
  getContractAddress,
  keccak256,
  numberToHex,
  serializeTransaction,
} from "viem/utils";
import { chainId } from "../testing/rollup.ts";

export interface Workload {
  readonly name: string;
  /** Blocks executed before the clock starts. */
  readonly warmUp: readonly (readonly Hex[])[];
  readonly blocks: readonly (readonly Hex[])[];
}

const senders = 50;
const gasPrice = 10n ** 11n;
const keys = Array.from({ length: senders }, (_, i) => keccak256(numberToHex(i + 1, { size: 32 })));
const nonces = keys.map(() => 0);
export const funded: readonly Address[] = keys.map((key) => privateKeyToAddress(key).toLowerCase() as Address);

type NativeSign = (message: Uint8Array, key: Uint8Array) => { signature: Uint8Array; recid: number };

function nativeSign(): NativeSign | undefined {
  try {
    return (createRequire(import.meta.url)("secp256k1/bindings.js") as { ecdsaSign: NativeSign }).ecdsaSign;
  } catch {
    return undefined;
  }
}
const fastSign = nativeSign();

async function signature(hash: Hex, key: Hex): Promise<{ r: Hex; s: Hex; yParity: number }> {
  if (fastSign === undefined) {
    const { r, s, yParity } = await sign({ hash, privateKey: key });
    return { r, s, yParity: yParity ?? 0 };
  }
  const { signature: bytes, recid } = fastSign(Buffer.from(hash.slice(2), "hex"), Buffer.from(key.slice(2), "hex"));
  const hex = Buffer.from(bytes).toString("hex");
  return { r: `0x${hex.slice(0, 64)}`, s: `0x${hex.slice(64)}`, yParity: recid };
}

interface Call {
  readonly to?: Address;
  readonly value?: bigint;
  readonly data?: Hex;
  readonly gas: bigint;
}

async function signedBy(sender: number, call: Call): Promise<Hex> {
  const transaction = {
    type: "eip1559",
    chainId: Number(chainId),
    nonce: nonces[sender]!++,
    maxFeePerGas: gasPrice,
    maxPriorityFeePerGas: 0n,
    ...call,
  } as const;
  const hash = keccak256(serializeTransaction(transaction));
  return serializeTransaction(transaction, await signature(hash, keys[sender]!));
}

/** Account `i` that receives. */
export const recipient = (i: number): Address => `0x${keccak256(numberToHex(i, { size: 4 })).slice(26)}`;
const times = <Item>(count: number, item: (i: number) => Promise<Item>): Promise<Item[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => item(i)));

/** Plain transfers among 50 senders and `accounts` recipients. */
export async function transfers(blocks: number, perBlock: number, accounts: number): Promise<Workload> {
  const block = (b: number): Promise<Hex[]> =>
    times(perBlock, (i) => {
      const to = recipient((b * perBlock + i) % accounts);
      return signedBy(i % senders, { to, value: 1n, gas: 21_000n });
    });
  return { name: "transfers", warmUp: [await block(blocks)], blocks: await times(blocks, block) };
}

const erc20 = [
  {
    type: "function",
    name: "transfer",
    stateMutability: "nonpayable",
    inputs: [
      { name: "to", type: "address" },
      { name: "amount", type: "uint256" },
    ],
    outputs: [{ type: "bool" }],
  },
] as const;

/** Token transfers of one holder to `accounts` recipients; the token is this repository's MetisToken. */
export async function tokenTransfers(blocks: number, perBlock: number, accounts: number): Promise<Workload> {
  const holder = 0;
  const token = getContractAddress({ from: funded[holder]!, nonce: BigInt(nonces[holder]!) });
  const constructor = encodeAbiParameters([{ type: "address" }, { type: "uint256" }], [funded[holder]!, 10n ** 27n]);
  const deploy = await signedBy(holder, { data: `${metisTokenBytecode}${constructor.slice(2)}`, gas: 5_000_000n });
  const block = (b: number): Promise<Hex[]> =>
    times(perBlock, (i) => {
      const args = [recipient((b * perBlock + i) % accounts), 1n] as const;
      return signedBy(holder, {
        to: token,
        data: encodeFunctionData({ abi: erc20, functionName: "transfer", args }),
        gas: 70_000n,
      });
    });
  const warmUp = [[deploy], await block(blocks)];
  return { name: "ERC-20 transfers", warmUp, blocks: await times(blocks, block) };
}
