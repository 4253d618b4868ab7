import { inspect } from "node:util";

const shown = "[secret]";

/** Keeps a key or password out of logs, dumps and error texts: it shows itself only through `reveal`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value. Call it where it is used, not where it is passed on. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}
