import type { Generation, L2BlockNumber } from "@metis/protocol";
import type { Logger, Store } from "@metis/runtime";
import type { Address } from "viem";
import { CommitteeError } from "../errors.ts";
import { decodeAttestationMessage, encodeAttestationMessage } from "./messages.ts";
import type { SignedAttestation } from "./messages.ts";

/** Two attestations of one signer for one (generation, number): it never takes more to slash a seat. */
export interface Equivocation {
  readonly signer: Address;
  readonly first: SignedAttestation;
  readonly second: SignedAttestation;
}

const prefix = new TextEncoder().encode("equivocation\0");
const keyBytes = 4 + 8 + 20;

/** Equivocations as they were seen, one a (generation, number, signer). Nothing is ever dropped: they are worth a seat. */
export class EvidenceStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  has(generation: Generation, number: L2BlockNumber, signer: Address): boolean {
    return this.#store.get(keyOf(generation, number, signer)) !== undefined;
  }

  /** Resolves when it is on disk. The first pair that was seen is kept. */
  async put({ signer, first, second }: Equivocation): Promise<void> {
    const { generation, number } = first.attestation;
    if (this.has(generation, number, signer)) return;
    const value = Buffer.concat([framed(first), framed(second)]);
    await this.#store.write([{ kind: "put", key: keyOf(generation, number, signer), value }]);
  }

  /** Every equivocation, oldest place first. Throws `engine-state-corrupt` for a record that does not decode. */
  *entries(): Generator<Equivocation> {
    const to = Uint8Array.from([...prefix.subarray(0, -1), 1]);
    for (const [key, value] of this.#store.entries({ from: prefix, to })) {
      const bytes = Buffer.from(value);
      const length = bytes.readUInt32BE(0);
      const signer: Address = `0x${Buffer.from(key.subarray(-20)).toString("hex")}`;
      yield { signer, first: signed(bytes.subarray(4, 4 + length)), second: signed(bytes.subarray(8 + length)) };
    }
  }
}

/** Evidence that waits for room on the disk; one signer cannot fill it. */
const maxWaiting = 256;

export interface AccusationsOptions {
  readonly evidence: EvidenceStore;
  /** Told of every new equivocation, which is on disk by then. */
  readonly equivocated: (evidence: Equivocation) => void;
  readonly logger: Logger;
}

/** Keeps equivocations and says each once. What was seen may never come again, so what the disk refuses is tried again. */
export class Accusations {
  readonly #options: AccusationsOptions;
  #waiting: readonly Equivocation[] = [];

  constructor(options: AccusationsOptions) {
    this.#options = options;
  }

  /** On disk before anything else. */
  async accuse({ signer, first, second }: Equivocation): Promise<void> {
    const { evidence, equivocated, logger } = this.#options;
    const { generation, number } = first.attestation;
    if (evidence.has(generation, number, signer)) return;
    const pair = { signer, first: plain(first), second: plain(second) };
    try {
      await evidence.put(pair);
    } catch (error) {
      logger.warn("evidence against a member waits for the disk", { signer, generation, number, error });
      if (this.#waiting.length < maxWaiting) this.#waiting = [...this.#waiting, pair];
      return;
    }
    logger.error("a member signed two blocks of one number", { signer, generation, number });
    equivocated(pair);
  }

  async tryAgain(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const pair of waiting) await this.accuse(pair);
  }
}

const plain = ({ attestation, signature }: SignedAttestation): SignedAttestation => ({ attestation, signature });

function framed(attestation: SignedAttestation): Buffer {
  const bytes = encodeAttestationMessage({ kind: "attestation", ...attestation });
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function signed(bytes: Uint8Array): SignedAttestation {
  const message = decodeAttestationMessage(bytes);
  if (message.kind === "attestation") return { attestation: message.attestation, signature: message.signature };
  throw new CommitteeError("engine-state-corrupt", "halt", "the evidence store holds a malformed record", {});
}

function keyOf(generation: Generation, number: L2BlockNumber, signer: Address): Uint8Array {
  const key = Buffer.alloc(prefix.length + keyBytes);
  key.set(prefix);
  key.writeUInt32BE(generation, prefix.length);
  key.writeBigUInt64BE(number, prefix.length + 4);
  key.write(signer.slice(2), prefix.length + 12, "hex");
  return key;
}
