import { MvmError } from "../errors.ts";
import { Kernel, type Room } from "../kernel/index.ts";
import type { StateView } from "../storage/state.ts";
import type { StateHost } from "./host.ts";

/** Memory at which an idle instance is given back: WebAssembly memory never shrinks. */
const memoryLimit = 512 * 1024 * 1024;

/**
 * A place for one kernel instance. An instance that trapped, or whose reads failed, is dropped and a new one takes its
 * place at the next request; what it held open is lost, which `generation` shows.
 */
export class KernelSlot {
  readonly #host: StateHost;
  readonly #module: WebAssembly.Module;
  readonly #configuration: Uint8Array;
  #kernel: Kernel | undefined;
  /** Counts instances: a block opened in one is gone in the next. */
  generation = 0;

  constructor(module: WebAssembly.Module, host: StateHost, configuration: Uint8Array) {
    this.#module = module;
    this.#host = host;
    this.#configuration = configuration;
  }

  drop(): void {
    if (this.#kernel !== undefined) this.generation++;
    this.#kernel = undefined;
  }

  /**
   * Body of the kernel's answer to `request` on the state `view`, in `room` if that is given.
   * Throws `MvmError` with the kernel's code for a refusal, "kernel-trap" when the instance broke down.
   */
  request(view: StateView | undefined, name: string, body: Uint8Array, room?: Room): Uint8Array {
    this.#host.view = view;
    this.#host.failure = undefined;
    try {
      const kernel = (this.#kernel ??= this.#build());
      return kernel.request(name, body, room);
    } catch (error) {
      const failure = this.#host.failure ?? error;
      if (this.#host.failure !== undefined || !(error instanceof MvmError) || error.code === "kernel-trap") this.drop();
      throw failure;
    } finally {
      this.#host.view = undefined;
    }
  }

  /** Between blocks: lets go of an instance that has grown large. */
  trim(): void {
    if (this.#kernel !== undefined && this.#kernel.memoryBytes > memoryLimit) this.drop();
  }

  #build(): Kernel {
    const kernel = new Kernel(this.#module, this.#host);
    kernel.request("configure", this.#configuration);
    return kernel;
  }
}
