import { equalBytes } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import { Kernel, recoverKey, type KernelHost } from "../kernel/index.ts";
import { importBlockRequest, onParent } from "../wire/requests.ts";
import { joinSealed, readRootless, readSealed } from "../wire/sealed.ts";
import { MemoryHost } from "./memoryHost.ts";

interface Waiting {
  readonly executed: Uint8Array;
  /** The same block, executed at once. */
  readonly sealed: Uint8Array;
}

/** A host whose state can be put in the place of another's: an instance of the kernel takes longer to make than a block. */
class ChangingHost implements KernelHost {
  state = new MemoryHost();

  account = (address: Uint8Array): Uint8Array | undefined => this.state.account(address);
  storage = (address: Uint8Array, slot: Uint8Array): Uint8Array | undefined => this.state.storage(address, slot);
  code = (hash: Uint8Array): Uint8Array | undefined => this.state.code(hash);
  blockHash = (number: bigint): Uint8Array | undefined => this.state.blockHash(number);
  trieNode = (owner: Uint8Array, path: Uint8Array, hash: Uint8Array): Uint8Array | undefined =>
    this.state.trieNode(owner, path, hash);
  ecrecover = recoverKey;
}

/** A kernel for blocks and one for roots, for one `ChainApart` after the other. */
export class KernelsApart {
  readonly #ahead = new ChangingHost();
  readonly #behind = new ChangingHost();
  readonly running: Kernel;
  readonly sealing: Kernel;

  constructor(module: WebAssembly.Module) {
    this.running = new Kernel(module, this.#ahead);
    this.sealing = new Kernel(module, this.#behind);
  }

  /** Turns to a chain: `ahead` is the state its blocks left, `behind` that of those with roots. */
  begin(configuration: Uint8Array, ahead: MemoryHost, behind: MemoryHost): void {
    this.#ahead.state = ahead;
    this.#behind.state = behind;
    this.running.request("configure", configuration);
    this.sealing.request("configure", configuration);
  }
}

/**
 * Follows a chain with two more kernels (docs/spec/kernel.md, "Execution apart from roots"): one executes its blocks ahead, another
 * computes their roots some blocks behind. Every method throws where that comes to other bytes than the block executed at once.
 */
export class ChainApart {
  readonly #ahead = new MemoryHost();
  readonly #behind = new MemoryHost();
  readonly #kernels: KernelsApart;
  readonly #distance: number;
  readonly #waiting: Waiting[] = [];
  /** What the next block names as its parent: a draft, or the header that an imported block claims. */
  #draft: Uint8Array;
  #sealedHead: Uint8Array;

  /** `genesis`: the kernel's answer; `hashes`: of blocks, by number; `distance`: how many blocks roots stay behind. */
  constructor(
    kernels: KernelsApart,
    configuration: Uint8Array,
    genesis: Uint8Array,
    { hashes, distance }: { readonly hashes: MemoryHost["blockHashes"]; readonly distance: number },
  ) {
    this.#ahead.blockHashes = hashes;
    this.#behind.blockHashes = hashes;
    this.#kernels = kernels;
    kernels.begin(configuration, this.#ahead, this.#behind);
    this.#distance = distance;
    const { headerRlp, changes } = readSealed(genesis);
    this.#draft = headerRlp;
    this.#sealedHead = headerRlp;
    this.#ahead.apply(changes);
    this.#behind.apply(changes);
  }

  /** An imported block. `sealed`: what `import_block` answers. */
  import(block: Uint8Array, sealed: Uint8Array): void {
    try {
      this.#follow(this.#kernels.running.request("run_import", importBlockRequest(this.#draft, block)), sealed);
    } catch (error) {
      if (!(error instanceof MvmError && error.code === "roots-inseparable")) throw error;
      this.#followAtOnce(sealed);
    }
    this.#draft = readSealed(sealed).headerRlp;
  }

  /**
   * An L2 block, none of whose successors asks EIP-2935's contract for a hash. `request`: of `execute_block`, on a header; `sealed`: its
   * answer.
   */
  execute(request: (parentHeader: Uint8Array) => Uint8Array, sealed: Uint8Array): void {
    const executed = this.#kernels.running.request("run_block", request(this.#draft));
    this.#follow(executed, sealed);
    this.#draft = readRootless(executed).draftRlp;
  }

  /** Computes the roots of all blocks that wait for theirs. */
  finish(): void {
    while (this.#waiting.length > 0) this.#seal(this.#waiting.shift()!);
  }

  #follow(executed: Uint8Array, sealed: Uint8Array): void {
    this.#ahead.apply(readRootless(executed).changes);
    this.#waiting.push({ executed, sealed });
    if (this.#waiting.length > this.#distance) this.#seal(this.#waiting.shift()!);
  }

  #followAtOnce(sealed: Uint8Array): void {
    this.finish();
    const { headerRlp, changes } = readSealed(sealed);
    this.#ahead.apply(changes);
    this.#behind.apply(changes);
    this.#sealedHead = headerRlp;
  }

  #seal({ executed, sealed }: Waiting): void {
    const roots = this.#kernels.sealing.request("seal_executed", onParent(this.#sealedHead, executed));
    const joined = joinSealed(executed, roots, (length) => new Uint8Array(length));
    if (!equalBytes(joined, sealed)) throw new Error("roots computed apart come to another block");
    const { headerRlp, changes } = readSealed(joined);
    this.#behind.apply(changes);
    this.#sealedHead = headerRlp;
  }
}
