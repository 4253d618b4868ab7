import { MetisError, type Remedy } from "@metis/protocol";

/** Codes this package raises itself; the kernel's own codes (docs/spec/execution.md) pass through unchanged. */
export const mvmErrorRemedies = {
  /** The WebAssembly instance broke down and was replaced; nothing was changed. */
  "kernel-trap": "reject",
  /** The database was written by another version of the software. */
  "database-format": "halt",
  /** The database belongs to another chain. */
  "database-genesis": "halt",
  /** Another process uses the data directory. */
  "data-dir-busy": "halt",
  "database-corrupt": "halt",
  /** The kernel's words for a database without something that the state says is there. */
  "missing-trie-node": "halt",
  "corrupt-trie-node": "halt",
  "missing-code": "halt",
  "missing-block-hash": "halt",
  "database-io": "halt",
  "disk-full": "halt",
  /** Another process wrote to the database. */
  "head-moved": "halt",
  "unknown-block": "reject",
  "genesis-not-traceable": "reject",
  "state-unavailable": "reject",
  /** The block named is not among the pending ones on this head. */
  "not-pending": "reset",
  /** A builder is open, or the one used is not. */
  "builder-busy": "retry",
  "builder-closed": "reject",
  "genesis-invalid": "reject",
  "import-invalid": "reject",
  /** A file that is no snapshot, is damaged, or whose content does not fit together. */
  "snapshot-invalid": "reject",
  /** The snapshot is another state than the one expected. */
  "snapshot-mismatch": "reject",
  /** The data directory holds a chain: a snapshot goes into an empty one. */
  "snapshot-target": "reject",
  /** A snapshot is being imported into the data directory, or an import was cut off. */
  "snapshot-unfinished": "halt",
  /** What a witness says does not lead to the block it should. */
  "witness-invalid": "reject",
  /** A witness holds more than one may. */
  "witness-too-large": "reject",
  /** Execution needs something that the witness does not hold. */
  "witness-incomplete": "reject",
  /** The node no longer has what a block's witness is made of. */
  "witness-unavailable": "reject",
  /** A reading thread ended and is replaced; that of the writer ends the engine ("halt"). */
  "worker-lost": "retry",
  "readers-busy": "retry",
  closed: "halt",
} as const satisfies Record<string, Remedy>;

/** An error of the Metis Virtual Machine. `code` is stable; a kernel's refusal carries the kernel's code. */
export class MvmError extends MetisError {
  override readonly name = "MvmError";

  constructor(code: string, message: string, remedy?: Remedy, payload: object = {}, options?: ErrorOptions) {
    const known: Readonly<Record<string, Remedy>> = mvmErrorRemedies;
    super(code, remedy ?? known[code] ?? "reject", message, payload, options);
  }
}
