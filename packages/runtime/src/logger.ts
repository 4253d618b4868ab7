import { remedyOf, MetisError } from "@metis/protocol";
import { pino } from "pino";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "silent";
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log: a constant sentence, and the numbers beside it. */
export interface Logger {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every line; `service` names the part that speaks. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  readonly level?: LogLevel;
  /** `auto`: pretty on a terminal, JSON otherwise. */
  readonly format?: "auto" | "json" | "pretty";
  readonly destination?: { write(line: string): unknown; readonly isTTY?: boolean };
}

/** Names whose values never reach a log, at the top of the fields or one level down. */
const secretNames = ["privateKey", "password", "secret", "mnemonic", "authorization", "jwt", "keystore", "seed"];

/** A logger that writes to standard error, or to `destination`. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const destination = options.destination ?? process.stderr;
  const pretty = options.format === "pretty" || (options.format !== "json" && destination.isTTY === true);
  const colour = destination.isTTY === true && !process.env["NO_COLOR"];
  const stream = pretty ? { write: (line: string) => destination.write(prettyLine(line, colour)) } : destination;
  return wrap(
    pino(
      {
        level: options.level ?? "info",
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        serializers: { error: errorFields },
        redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`]), censor: "[secret]" },
      },
      stream as { write(line: string): void },
    ),
  );
}

/** A logger that says nothing. */
export const silentLogger = (): Logger => createLogger({ level: "silent" });

interface PinoLike {
  trace(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): PinoLike;
}

const none: LogFields = {};

const wrap = (log: PinoLike): Logger => ({
  trace: (message, fields) => log.trace(fields ?? none, message),
  debug: (message, fields) => log.debug(fields ?? none, message),
  info: (message, fields) => log.info(fields ?? none, message),
  warn: (message, fields) => log.warn(fields ?? none, message),
  error: (message, fields) => log.error(fields ?? none, message),
  child: (fields) => wrap(log.child(fields)),
});

/** An error as log fields: what a person or a program acts on, the stack for bugs only. */
export function errorFields(error: unknown): LogFields {
  if (error instanceof MetisError)
    return { code: error.code, message: error.message, remedy: error.remedy, payload: error.payload };
  if (error instanceof Error) return { message: error.message, remedy: remedyOf(error), stack: error.stack };
  return { message: String(error) };
}

const ansi: Readonly<Record<string, string>> = { trace: "90", debug: "36", info: "32", warn: "33", error: "31" };

/** One JSON line of the logger as a person reads it: `12:00:01 info  batcher  posted batch  index=4`. */
function prettyLine(line: string, colour: boolean): string {
  let record: Record<string, unknown>;
  try {
    record = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { level, time, msg, service, error, ...fields } = record;
  const paint = (code: string, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const tag = paint(ansi[String(level)] ?? "0", String(level).padEnd(5));
  const rest = Object.entries(fields).map(([key, value]) => paint("90", `${key}=`) + compact(value));
  const speaker = typeof service === "string" ? [paint("1", service)] : [];
  const failure = errorText(error);
  return `${[String(time).slice(11, 19), tag, ...speaker, String(msg), ...rest, ...failure].join("  ")}\n`;
}

/** An error of `errorFields` as a person reads it; a bug brings its stack. */
function errorText(error: unknown): string[] {
  if (typeof error !== "object" || error === null) return [];
  const { code, message, stack } = error as { code?: string; message?: string; stack?: string };
  return stack === undefined ? [`error=${code === undefined ? "" : `${code}: `}${message ?? ""}`] : [`\n${stack}`];
}

const compact = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
