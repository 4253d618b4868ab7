/** How one account ends a block. All byte strings are raw, 32 or 20 bytes unless said otherwise. */
export interface AccountChange {
  readonly address: Uint8Array;
  /** `set`: the account is written; `removed`: it is gone with its storage; `replaced`: its old storage is gone, then it is written. */
  readonly fate: "set" | "removed" | "replaced";
  /** nonce (8) ‖ balance (32) ‖ codeHash (32) ‖ storageRoot (32); empty when removed. */
  readonly account: Uint8Array;
  /** Slot and its new value without leading zeros; empty: zero. */
  readonly slots: readonly { readonly slot: Uint8Array; readonly value: Uint8Array }[];
}

/** Everything a block writes to the state. */
export interface StateDiff {
  readonly accounts: readonly AccountChange[];
  readonly codes: readonly { readonly hash: Uint8Array; readonly code: Uint8Array }[];
  /** Trie nodes after the block; `path` holds nibbles, one a byte; an empty `node` removes it. */
  readonly nodes: readonly { readonly owner: Uint8Array; readonly path: Uint8Array; readonly node: Uint8Array }[];
}

export const accountLength = 104;
