// Blocks with random state changes and no execution: what storage tests write.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keccak256 } from "viem";
import { fromBigInt, toHex, trimZeros } from "../bytes.ts";
import type { SealedBlock } from "../storage/chain.ts";
import type { AccountChange, StateDiff } from "../storage/diff.ts";

/** A fresh folder and how to remove it. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "metis-mvm-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export const addressOf = (index: number): Uint8Array => fromBigInt(BigInt(index) + 1n, 20);
export const slotOf = (index: number): Uint8Array => fromBigInt(BigInt(index), 32);
export const ownerOf = (index: number): Uint8Array => keccak256(addressOf(index), "bytes");
export const accountBytes = (balance: bigint): Uint8Array =>
  Buffer.concat([Buffer.alloc(8), fromBigInt(balance, 32), Buffer.alloc(32, 1), Buffer.alloc(32, 2)]);

/** A change of one account in words a generator can make up. */
export interface SyntheticChange {
  readonly account: number;
  readonly fate: AccountChange["fate"];
  readonly balance: bigint;
  readonly slots: readonly (readonly [slot: number, value: bigint])[];
  readonly nodes: readonly (readonly [path: readonly number[], value: number])[];
}

export function syntheticDiff(changes: readonly SyntheticChange[]): StateDiff {
  return {
    accounts: changes.map((change) => ({
      address: addressOf(change.account),
      fate: change.fate,
      account: change.fate === "removed" ? new Uint8Array() : accountBytes(change.balance),
      slots:
        change.fate === "removed"
          ? []
          : change.slots.map(([slot, value]) => ({ slot: slotOf(slot), value: trimZeros(fromBigInt(value, 32)) })),
    })),
    codes: [],
    nodes: changes.flatMap((change) =>
      change.fate === "removed"
        ? []
        : change.nodes.map(([path, value]) => ({
            owner: ownerOf(change.account),
            path: Uint8Array.from(path),
            node: value === 0 ? new Uint8Array() : new Uint8Array(33).fill(value),
          })),
    ),
  };
}

const hashOf = (number: number, salt: number): `0x${string}` =>
  keccak256(Buffer.concat([fromBigInt(BigInt(number), 32), fromBigInt(BigInt(salt), 32)]));

/** Block `number` of the synthetic chain `salt` on a parent, writing `diff`. */
export function syntheticBlock(number: number, parentHash: `0x${string}`, diff: StateDiff, salt = 0): SealedBlock {
  const hash = hashOf(number, salt);
  return {
    parentHash,
    receipts: Uint8Array.of(number & 0xff),
    diff,
    block: {
      number,
      hash,
      outputRoot: keccak256(hash),
      headerRlp: toHex(fromBigInt(BigInt(number), 40)),
      transactions: [`0x02${number.toString(16).padStart(8, "0")}`],
      transactionHashes: [keccak256(keccak256(hash))],
      senders: [toHex(addressOf(number))],
      inputs: undefined,
      size: 100,
      withdrawals: undefined,
    },
  };
}

export const zeroHash: `0x${string}` = `0x${"00".repeat(32)}`;

/** How many accounts `numberedBlock` writes to in turn. */
export const numberedAccounts = 7;

/** A block whose content follows from its number alone: account `number % 7` gets the balance `number`. */
export function numberedBlock(number: number, parentHash: `0x${string}`): SealedBlock {
  const account = number % numberedAccounts;
  const slots = Array.from({ length: 20 }, (_, slot) => [slot, BigInt(number)] as const);
  const diff = syntheticDiff([
    { account, fate: "set", balance: BigInt(number), slots, nodes: [[[account], 1 + (number % 2)]] },
  ]);
  return syntheticBlock(number, parentHash, number === 0 ? syntheticDiff([]) : diff);
}
