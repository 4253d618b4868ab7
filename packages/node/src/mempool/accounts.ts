import type { MvmReader } from "@metis/mvm";
import type { SignedTransaction } from "@metis/protocol";
import { feeCap } from "@metis/protocol";
import type { Address, Hex } from "viem";
import { MempoolError } from "./errors.ts";
import type { AccountState } from "./pool.ts";

const emptyCodeHash = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
const zeroHash = `0x${"00".repeat(32)}`;
/** EIP-7702: code that is only a pointer; its owner still signs. */
const delegationPrefix = "0xef0100";

/** A transaction that no compression shortens, as the measure of the L1 fee. */
const probeBytes = 1000;
const probe: Hex = `0x02${Array.from({ length: probeBytes - 1 }, (_, i) => ((i * 167 + (i >> 8) * 59 + 13) & 0xff).toString(16).padStart(2, "0")).join("")}`;

/** What the pool reads of accounts and fees at the head. */
export class AccountReader {
  readonly #reader: MvmReader;
  #probeFee: Promise<bigint> | undefined;
  /** Senders with delegated code: others can spend their balance by calling it. */
  readonly delegated = new Set<Address>();

  constructor(reader: MvmReader) {
    this.#reader = reader;
  }

  /** Forgets what may differ at the next head. */
  newHead(): void {
    this.#probeFee = undefined;
  }

  /** The pool holds nothing of `sender` any more. */
  forget(sender: Address): void {
    this.delegated.delete(sender);
  }

  async state(sender: Address): Promise<AccountState> {
    const account = await this.#reader.account(sender, "latest");
    return { nonce: account?.nonce ?? 0n, balance: account?.balance ?? 0n };
  }

  /**
   * The sender's account, `known` if the pool has it, and what to set aside for the L1 fee.
   * Throws `MempoolError` when a contract is the sender (EIP-3607).
   */
  async read(
    sender: Address,
    raw: Hex,
    transaction: SignedTransaction,
    known: AccountState | undefined,
  ): Promise<{ readonly state: AccountState; readonly feeBound: bigint }> {
    const feeBound = await this.#feeBound(raw);
    const state = known ?? (await this.#atHead(() => this.#checked(sender)));
    if (feeBound === 0n || transaction.gasLimit * feeCap(transaction) + transaction.value + feeBound <= state.balance)
      return { state, feeBound };
    // The bound does not fit: the exact fee may.
    const exact = await this.#reader.l1Fee(raw, "latest");
    return { state: await this.#atHead(() => this.#checked(sender)), feeBound: exact };
  }

  /** What `read` says, of a head that is still the head when it says it. */
  async #atHead<T>(read: () => Promise<T>): Promise<T> {
    for (;;) {
      const { hash } = this.#reader.head();
      const result = await read();
      if (this.#reader.head().hash === hash) return result;
    }
  }

  async #checked(sender: Address): Promise<AccountState> {
    const account = await this.#reader.account(sender, "latest");
    if (!account) return { nonce: 0n, balance: 0n };
    if (account.codeHash !== emptyCodeHash && account.codeHash !== zeroHash) {
      const code = await this.#reader.code(sender, "latest");
      if (code?.startsWith(delegationPrefix)) this.delegated.add(sender);
      else if (code && code !== "0x") throw new MempoolError("sender-has-code", `sender not an eoa: address ${sender}`);
    }
    return { nonce: account.nonce, balance: account.balance };
  }

  /**
   * An upper bound of the L1 fee without compressing: the fee is at most linear in the length (execution.md, "L1 data fee"),
   * its floor is 100 bytes, and the probe's 1,000 bytes count as about 820.
   */
  async #feeBound(raw: Hex): Promise<bigint> {
    this.#probeFee ??= this.#reader.l1Fee(probe, "latest");
    const fee = await this.#probeFee;
    return (fee * (BigInt(raw.length - 2) / 2n + 200n)) / 800n + (fee > 0n ? 1n : 0n);
  }
}
