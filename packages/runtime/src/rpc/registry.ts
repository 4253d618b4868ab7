import { RpcError, rpcCodes } from "./errors.ts";
import type { Param } from "./params.ts";

/** A client that can be sent messages unasked: a WebSocket. */
export interface RpcConnection {
  /**
   * Adds a subscription and returns its id. `start` gets the function that sends one notification and returns the one that ends it.
   * Notifications sent before the answer to the subscribing call are held back until it is out. `method`: what they are called.
   * @throws RpcError -32005 when the socket holds as many as it may.
   */
  subscribe(start: (send: (result: unknown) => void) => () => void, method?: string): string;
  /** False when there is none of that id. */
  unsubscribe(id: string): boolean;
}

export interface RpcContext {
  /** Absent over HTTP. */
  readonly connection: RpcConnection | undefined;
}

/** A result that is JSON already: it goes to the client as it is. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export interface RpcMethod {
  /** Runs the virtual machine: such calls have a limit of their own (`rpc.maxExecuting`), so that others are answered meanwhile. */
  readonly executes?: true;
  run(params: unknown, context: RpcContext): unknown;
}

type Values<P extends readonly Param<unknown>[]> = { [K in keyof P]: P[K] extends Param<infer T> ? T : never };

/** A method of positional parameters. `run` gets the values read; what it returns, awaited, is the result (undefined = null). */
export function method<const P extends readonly Param<unknown>[]>(
  params: P,
  run: (values: Values<P>, context: RpcContext) => unknown,
): RpcMethod {
  const required = params.findLastIndex((entry) => !entry.optional) + 1;
  return {
    run(given, context) {
      const list = given ?? [];
      if (!Array.isArray(list)) throw new RpcError(rpcCodes.invalidParams, "invalid params: expected an array");
      if (list.length > params.length)
        throw new RpcError(rpcCodes.invalidParams, `too many arguments, want at most ${params.length}`);
      if (list.length < required)
        throw new RpcError(rpcCodes.invalidParams, `missing value for required argument ${list.length}`);
      const values = params.map((entry, index) => entry.read(list[index], `${index}`));
      return run(values as Values<P>, context);
    },
  };
}

/** The same methods, marked as ones that execute. */
export const executing = (methods: Readonly<Record<string, RpcMethod>>): Readonly<Record<string, RpcMethod>> =>
  Object.fromEntries(Object.entries(methods).map(([name, entry]) => [name, { ...entry, executes: true }]));

/** The methods of a server by name. */
export class MethodRegistry {
  readonly #methods = new Map<string, RpcMethod>();

  add(name: string, entry: RpcMethod): this {
    if (this.#methods.has(name)) throw new Error(`two methods are named ${name}`);
    this.#methods.set(name, entry);
    return this;
  }

  addAll(methods: Readonly<Record<string, RpcMethod>>): this {
    for (const [name, entry] of Object.entries(methods)) this.add(name, entry);
    return this;
  }

  get(name: string): RpcMethod | undefined {
    return this.#methods.get(name);
  }

  names(): string[] {
    return [...this.#methods.keys()].toSorted();
  }
}
