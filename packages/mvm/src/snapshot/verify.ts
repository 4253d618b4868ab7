import {
  decodeDepositTransaction,
  decodeRlp,
  depositTransactionType,
  encodeRlp,
  outputRoot,
  predeploys,
} from "@metis/protocol";
import type { Hash } from "@metis/protocol";
import { keccak256 } from "viem/utils";
import { accountView } from "../executor/calls.ts";
import { equalBytes, fromHex, toHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import type { StoredBlock } from "../storage/blocks.ts";
import type { Database } from "../storage/database.ts";
import { addressLength } from "../storage/keys.ts";
import { accountLeaf, codeHashOf, emptyCodeHash, emptyTrieRoot, storageRootOf } from "../trie/account.ts";
import { findLeaf, measureTrie, type NodeLookup } from "../trie/node.ts";
import { orderedRoot } from "../trie/ordered.ts";

/** Places of the fields of a header that are looked at here. */
const headerField = {
  parentHash: 0,
  ommersHash: 1,
  stateRoot: 3,
  transactionsRoot: 4,
  receiptsRoot: 5,
  number: 8,
  withdrawalsRoot: 16,
};
/** Fields of every header; later forks added more. */
const leastFields = 15;
const accountTrie = new Uint8Array(32);

const requires = (holds: boolean, what: string): void => {
  if (!holds) throw new MvmError("snapshot-invalid", `The snapshot does not fit together: ${what}.`);
};

/** Fields of a header, whatever the file has in its place. */
function headerOf(headerRlp: string): readonly Uint8Array[] {
  const fields = decodeRlp(fromHex(headerRlp));
  const isHeader = Array.isArray(fields) && fields.length >= leastFields && !fields.some(Array.isArray);
  requires(isHeader, "a header is none");
  return fields as readonly Uint8Array[];
}

const nodesOf =
  (database: Database, owner: Uint8Array): NodeLookup =>
  (path) => {
    const node = database.state.current.node(owner, path);
    if (node === undefined)
      throw new MvmError("snapshot-invalid", "The snapshot does not fit together: a trie has a hole.");
    return node;
  };

/** As `nodesOf`, but looks at each node's hash. */
const checkedNodesOf = (database: Database, owner: Uint8Array): NodeLookup => {
  const lookup = nodesOf(database, owner);
  return (path, hash) => {
    const node = lookup(path, hash);
    requires(equalBytes(keccak256(node, "bytes"), hash), "a trie node has another hash than its parent says");
    return node;
  };
};

/**
 * Checks that accounts, storage and trie nodes of `database` are those of the state root, all of them and nothing else.
 * Reads every row about twice; keeps one path of a trie in memory. Throws `MvmError` "snapshot-invalid".
 */
export function verifyState(database: Database, stateRoot: Uint8Array, onAccount: (done: number) => void): void {
  const { state } = database;
  const size = { accounts: 0, nodes: 0, slots: 0 };
  for (const { key: address, value: account } of state.accounts()) {
    requires(address.length === addressLength && account.length === 104, "an account has the wrong length");
    const leaf = findLeaf(stateRoot, keccak256(address, "bytes"), nodesOf(database, accountTrie));
    requires(leaf !== undefined && equalBytes(leaf, accountLeaf(account)), `account ${toHex(address)} is another one`);
    const codeHash = codeHashOf(account);
    requires(equalBytes(codeHash, emptyCodeHash) || state.current.code(codeHash) !== undefined, "code is missing");
    const storage = verifyStorage(database, address, storageRootOf(account));
    size.nodes += storage.nodes;
    size.slots += storage.slots;
    onAccount(++size.accounts);
  }
  const accounts = equalBytes(stateRoot, emptyTrieRoot)
    ? { leaves: 0, nodes: 0 }
    : measureTrie(stateRoot, checkedNodesOf(database, accountTrie));
  requires(accounts.leaves === size.accounts, "accounts are missing");
  requires(state.rowCount("storage") === size.slots, "storage belongs to no account");
  requires(state.rowCount("nodes") === size.nodes + accounts.nodes, "trie nodes belong to no trie");
}

function verifyStorage(database: Database, address: Uint8Array, root: Uint8Array): { nodes: number; slots: number } {
  if (equalBytes(root, emptyTrieRoot)) return { nodes: 0, slots: 0 };
  const owner = keccak256(address, "bytes");
  const { leaves, nodes } = measureTrie(root, checkedNodesOf(database, owner));
  let slots = 0;
  for (const { slot, value } of database.state.slots(address)) {
    const leaf = findLeaf(root, keccak256(slot, "bytes"), nodesOf(database, owner));
    requires(leaf !== undefined && equalBytes(leaf, encodeRlp(value)), `a slot of ${toHex(address)} is another one`);
    slots++;
  }
  requires(slots === leaves, `slots of ${toHex(address)} are missing`);
  return { nodes, slots };
}

/** Who is behind signed transactions, in order; `undefined` where nobody is. */
export type RecoverSenders = (transactions: readonly Uint8Array[]) => readonly (string | undefined)[];

/** Checks a stored block's rows against its header. What receipts say beside their consensus fields cannot be checked. */
export function verifyBlock(block: StoredBlock, receipts: Uint8Array, recover: RecoverSenders): void {
  const fields = headerOf(block.headerRlp);
  const transactions = block.transactions.map(fromHex);
  const [consensus] = decodeRlp(receipts) as readonly [readonly Uint8Array[]];
  const roots = { transactions: orderedRoot(transactions), receipts: orderedRoot(consensus) };
  requires(equalBytes(roots.transactions, fields[headerField.transactionsRoot]!), "transactions are not the header's");
  requires(equalBytes(roots.receipts, fields[headerField.receiptsRoot]!), "receipts are not the header's");
  const ommers = encodeRlp(block.ommers.map((ommer) => decodeRlp(fromHex(ommer))));
  requires(keccak256(ommers) === toHex(fields[headerField.ommersHash]!), "ommers are not the header's");
  if (block.withdrawals !== undefined) {
    const items = block.withdrawals.map((entry) =>
      encodeRlp([entry.index, entry.validatorIndex, entry.address, entry.amount]),
    );
    requires(equalBytes(orderedRoot(items), fields[headerField.withdrawalsRoot]!), "withdrawals are not the header's");
  }
  const isSystem = (bytes: Uint8Array): boolean => bytes[0] === depositTransactionType;
  const recovered = recover(transactions.filter((bytes) => !isSystem(bytes)));
  let next = 0;
  for (const [i, bytes] of transactions.entries()) {
    const sender = isSystem(bytes) ? decodeDepositTransaction(bytes).from : recovered[next++];
    requires(block.transactionHashes[i] === keccak256(bytes), "a transaction has another hash");
    requires(block.senders[i] === sender, "a transaction has another sender");
  }
}

/** Checks that each header names the one before it. `headers`: RLP by rising number, without gaps. */
export function verifyHeaders(headers: readonly { readonly number: number; readonly headerRlp: string }[]): void {
  for (const [i, { number, headerRlp }] of headers.entries()) {
    const fields = headerOf(headerRlp);
    const before = headers[i - 1];
    requires(
      BigInt(toHex(Buffer.concat([Uint8Array.of(0), fields[headerField.number]!]))) === BigInt(number),
      "a header has another number",
    );
    if (before === undefined) continue;
    requires(before.number + 1 === number, "headers are missing");
    requires(keccak256(fromHex(before.headerRlp)) === toHex(fields[headerField.parentHash]!), "headers are no chain");
  }
}

/** Checks the output roots of L2 blocks: all of one stands in its header (docs/spec/execution.md). */
export function verifyOutputRoots(headers: readonly { readonly outputRoot: Hash; readonly headerRlp: Hash }[]): void {
  for (const { outputRoot: claimed, headerRlp } of headers) {
    const fields = headerOf(headerRlp);
    const messagePasserStorageRoot = fields[headerField.withdrawalsRoot];
    requires(messagePasserStorageRoot !== undefined, "a header is not one of L2");
    const found = outputRoot({
      stateRoot: toHex(fields[headerField.stateRoot]!),
      messagePasserStorageRoot: toHex(messagePasserStorageRoot!),
      blockHash: keccak256(headerRlp),
    });
    requires(found === claimed, "an output root is not its header's");
  }
}

export const stateRootOf = (headerRlp: string): Uint8Array => headerOf(headerRlp)[headerField.stateRoot]!;

/** Output root of the block whose state `database` holds (docs/spec/structs.md). */
export function outputRootOf(database: Database, headerRlp: `0x${string}`): Hash {
  const passer = accountView(database.state.current.account(fromHex(predeploys.l2ToL1MessagePasser)));
  return outputRoot({
    stateRoot: toHex(stateRootOf(headerRlp)),
    messagePasserStorageRoot: passer.storageRoot,
    blockHash: keccak256(headerRlp),
  });
}
