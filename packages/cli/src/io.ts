import { MetisError } from "@metis/protocol";
import { failureOf } from "./failures.ts";

/** Where a command speaks, and how: results to standard output, everything else to standard error. */
export interface Io {
  /** Machine-readable output wanted. */
  json: boolean;
  /** Somebody looks at standard output. */
  readonly terminal: boolean;
  readonly colour: boolean;
  /** One line of the result. */
  out(line: string): void;
  /** One line beside the result: progress, warnings. Not shown with `--json`. */
  note(line: string): void;
}

/** What a command ends with. */
export const exitCode = { ok: 0, failed: 1, usage: 2 } as const;

/** A wrong call: shown without a stack, exit code 2. */
export class UsageError extends MetisError<"usage"> {
  override readonly name = "UsageError";
  constructor(message: string) {
    super("usage", "reject", message, {});
  }
}

/** A command that ran and did not succeed: exit code 1. */
export class CliError extends MetisError {
  override readonly name: string = "CliError";
  constructor(code: string, message: string) {
    super(code, "reject", message, {});
  }
}

/** As `CliError`, where the result's own lines have said it: with `--json` no other is written. */
export class ResultError extends CliError {
  override readonly name = "ResultError";
}

/** Who reads the output may stop reading (`metis ... | head`), and a terminal may be closed: that ends nothing. */
function ignoreGoneReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
}

export function processIo(): Io {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreGoneReader);
  const terminal = process.stdout.isTTY;
  const io: Io = {
    json: false,
    terminal,
    colour: terminal && process.env["NO_COLOR"] === undefined,
    out: (line) => process.stdout.write(`${line}\n`),
    note: (line) => {
      if (!io.json) process.stderr.write(`${line}\n`);
    },
  };
  return io;
}

/** JSON with integers of any size as decimal strings. */
export const toJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? item.toString() : item), indent);

/** Says what went wrong, on one line or as one JSON object. */
export function reportError(io: Io, error: unknown): void {
  const failure = failureOf(error);
  if (io.json) {
    if (!(error instanceof ResultError)) io.out(toJson({ error: failure }));
  } else {
    process.stderr.write(`error: ${failure.message}\n`);
    if (!(error instanceof MetisError) && error instanceof Error && process.env["METIS_DEBUG"] !== undefined)
      process.stderr.write(`${error.stack}\n`);
  }
}

/** Rows of two columns, aligned. */
export function table(rows: readonly (readonly [string, string])[], indent = "  "): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${indent}${name.padEnd(width)}  ${value}`).join("\n");
}

/** Rows of any number of columns, aligned; the first one may be a heading. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]): string => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}
