import { createInterface } from "node:readline";
import { Writable, type Readable } from "node:stream";
import { Secret } from "@metis/runtime";
import { UsageError } from "../io.ts";

/** Where somebody may be asked: a terminal. */
export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable;
}

const processTerminal = (): Terminal => ({ input: process.stdin, output: process.stderr });

/**
 * Asks for a line that is not shown while it is typed. Throws `UsageError` where nobody can be asked, naming `option` as
 * the other way, and when the question is broken off.
 */
export async function askHidden(question: string, option: string, terminal = processTerminal()): Promise<Secret> {
  const { input, output } = terminal;
  if (input.isTTY !== true) throw new UsageError(`give ${option}: there is no terminal to ask at`);
  // The terminal's echo is the line editor's own output: it goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  try {
    return await new Promise<Secret>((answered, refused) => {
      lines.once("line", (line) => answered(new Secret(line)));
      lines.once("close", () => refused(new UsageError("no answer was given")));
      lines.once("SIGINT", () => lines.close());
      output.write(question);
    });
  } finally {
    lines.close();
    output.write("\n");
  }
}
