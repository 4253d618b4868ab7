// Blocks with random state changes and no execution: what storage tests write.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keccak256 } from "viem";
import { encodeRlp } from "@metis/protocol";
import { fromBigInt, fromHex, trimZeros } from "../bytes.ts";
import { joinBody } from "../storage/body.ts";
import type { SealedBlock } from "../storage/chain.ts";
import { changeKind, encodeChanges, type Change } from "../storage/changes.ts";
import { nodeKey, storageKey } from "../storage/keys.ts";
import type { StateView } from "../storage/state.ts";

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
  /** `set`: written; `removed`: gone with its storage; `replaced`: its old storage is gone, then it is written. */
  readonly fate: "set" | "removed" | "replaced";
  readonly balance: bigint;
  readonly slots: readonly (readonly [slot: number, value: bigint])[];
  readonly nodes: readonly (readonly [path: readonly number[], value: number])[];
}

/** What `changes` write, on the state that `before` tells of; an account that goes or is replaced loses its storage first. */
export function syntheticChanges(changes: readonly SyntheticChange[], before: StateView): Uint8Array {
  const nothing = new Uint8Array();
  return encodeChanges(
    changes.flatMap(({ account, fate, balance, slots, nodes }): Change[] => {
      const address = addressOf(account);
      const owner = ownerOf(account);
      const isKept = fate === "set";
      const after = fate === "removed" ? nothing : accountBytes(balance);
      const old = before.account(address) ?? nothing;
      const written: Change[] = [{ kind: changeKind.account, key: address, before: old, after }];
      if (!isKept) written.unshift({ kind: changeKind.wipe, key: address, before: nothing, after: nothing });
      if (fate === "removed") return written;
      for (const [slot, value] of new Map(slots))
        written.push({
          kind: changeKind.slot,
          key: storageKey(address, slotOf(slot)),
          before: (isKept ? before.storage(address, slotOf(slot)) : undefined) ?? nothing,
          after: trimZeros(fromBigInt(value, 32)),
        });
      for (const [path, value] of new Map(
        nodes.map(([nibbles, byte]) => [nibbles.join(), [nibbles, byte] as const]),
      ).values()) {
        const nibbles = Uint8Array.from(path);
        written.push({
          kind: changeKind.node,
          key: nodeKey(owner, nibbles),
          before: (isKept ? before.node(owner, nibbles) : undefined) ?? nothing,
          after: value === 0 ? nothing : new Uint8Array(33).fill(value),
        });
      }
      return written;
    }),
  );
}

const hashOf = (number: number, salt: number): `0x${string}` =>
  keccak256(Buffer.concat([fromBigInt(BigInt(number), 32), fromBigInt(BigInt(salt), 32)]));

/** Block `number` of the synthetic chain `salt` on a parent, writing `changes`. */
export function syntheticBlock(
  number: number,
  parentHash: `0x${string}`,
  changes: Uint8Array = new Uint8Array(),
  salt = 0,
): SealedBlock {
  const hash = fromHex(hashOf(number, salt));
  const transactionHashes = keccak256(keccak256(hash), "bytes");
  return {
    parentHash,
    changes,
    block: {
      number,
      hash,
      outputRoot: keccak256(hash, "bytes"),
      headerRlp: fromBigInt(BigInt(number), 40),
      body: joinBody({
        transactionsRlp: encodeRlp([fromHex(`0x02${number.toString(16).padStart(8, "0")}`)]),
        transactionHashes,
        senders: addressOf(number),
        inputs: undefined,
        size: 100,
        withdrawals: undefined,
      }),
      receipts: Uint8Array.of(number & 0xff),
      transactionHashes,
    },
  };
}

export const zeroHash: `0x${string}` = `0x${"00".repeat(32)}`;

/** How many accounts `numberedBlock` writes to in turn. */
export const numberedAccounts = 7;

/** A block whose content follows from its number alone: account `number % 7` gets the balance `number`. `parent`: the state before it. */
export function numberedBlock(number: number, parentHash: `0x${string}`, parent: StateView): SealedBlock {
  if (number === 0) return syntheticBlock(number, parentHash);
  const account = number % numberedAccounts;
  const slots = Array.from({ length: 20 }, (_, slot) => [slot, BigInt(number)] as const);
  const change = {
    account,
    fate: "set",
    balance: BigInt(number),
    slots,
    nodes: [[[account], 1 + (number % 2)]],
  } as const;
  return syntheticBlock(number, parentHash, syntheticChanges([change], parent));
}
