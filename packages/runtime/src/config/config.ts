import { MetisError } from "@metis/protocol";
import { parse as parseToml } from "smol-toml";
import { Secret } from "../secret.ts";
import type { ConfigRow, ConfigSource } from "./rows.ts";

/** Options of a part or a program by dotted key, `rpc.port`: table `[rpc]` in TOML, `--rpc-port`, `METIS_RPC_PORT`. */
export type ConfigTable = Readonly<Record<string, ConfigRow<unknown>>>;

export type ConfigValues<T extends ConfigTable> = {
  readonly [K in keyof T]: T[K] extends ConfigRow<infer V> ? V : never;
};

export interface LoadedConfig<T extends ConfigTable> {
  readonly values: ConfigValues<T>;
  readonly sources: Readonly<Record<keyof T & string, ConfigSource>>;
}

export interface ConfigProblem {
  readonly key: string;
  readonly source: ConfigSource;
  readonly message: string;
}

/** Options that cannot be used, every one of them with its reason. */
export class ConfigError extends MetisError<"config-invalid", { readonly problems: readonly ConfigProblem[] }> {
  override readonly name = "ConfigError";
}

export interface ConfigSources {
  /** Text of a TOML file. */
  readonly toml?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** By dotted key; `undefined` = not given. */
  readonly flags?: Readonly<Record<string, unknown>>;
}

/** Environment variable of a row: its own, or the key with `METIS_` before it. */
export const envName = (key: string, row: ConfigRow<unknown>): string =>
  row.env ??
  `METIS_${key
    .replaceAll(/[.-]/g, "_")
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .toUpperCase()}`;

/** Flag of a row: `rpc.maxBodyBytes` is `--rpc-max-body-bytes`. */
export const flagName = (key: string): string =>
  `--${key
    .replaceAll(".", "-")
    .replaceAll(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase()}`;

/** Reads every option, flags over environment over file over default. Throws `ConfigError` with all problems at once. */
export function loadConfig<T extends ConfigTable>(table: T, from: ConfigSources): LoadedConfig<T> {
  const problems: ConfigProblem[] = [];
  const file = readToml(from.toml, problems);
  for (const key of file.keys())
    if (!Object.hasOwn(table, key))
      problems.push({ key, source: "file", message: unknownKey(key, Object.keys(table)) });
  const values: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const sources: Record<string, ConfigSource> = Object.create(null) as Record<string, ConfigSource>;
  for (const [key, row] of Object.entries(table)) {
    const given: readonly (readonly [ConfigSource, unknown])[] = [
      ["flag", from.flags?.[key]],
      ["environment", from.env?.[envName(key, row)]],
      ["file", file.get(key)],
    ];
    const [source, raw] = given.find(([, value]) => value !== undefined) ?? ["default", undefined];
    sources[key] = source;
    values[key] = source === "default" ? row.default : parseRow(key, row, source, raw, problems);
  }
  if (problems.length > 0) throw new ConfigError("config-invalid", "reject", describe(problems), { problems });
  return { values: values as ConfigValues<T>, sources: sources as LoadedConfig<T>["sources"] };
}

/** Every option with its value, unit and source, as a TOML file that can be read back. Secrets are not shown. */
export function printConfig<T extends ConfigTable>(table: T, config: LoadedConfig<T>): string {
  const groups = new Map<string, string[]>();
  for (const [key, row] of Object.entries(table)) {
    const dot = key.lastIndexOf(".");
    const group = dot < 0 ? "" : key.slice(0, dot);
    const lines = groups.get(group) ?? [];
    groups.set(group, lines);
    const unit = row.unit ? ` [${row.unit}]` : "";
    lines.push(`# ${row.description}${unit} (${config.sources[key]}; ${flagName(key)}, ${envName(key, row)})`);
    lines.push(assignment(key.slice(dot + 1), config.values[key]));
  }
  const sorted = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([group, lines]) => `${group ? `[${group}]\n` : ""}${lines.join("\n")}\n`).join("\n");
}

/** The table as a Markdown page for the operator. */
export function documentConfig(table: ConfigTable): string {
  const lines = Object.entries(table).map(([key, row]) => {
    const shown = row.default === undefined ? "" : `\`${literal(row.default)}\``;
    return `| \`${key}\` | ${shown} | ${row.unit ?? ""} | ${row.description} | \`${envName(key, row)}\` |`;
  });
  return ["| key | default | unit | what it does | environment |", "| --- | --- | --- | --- | --- |", ...lines].join(
    "\n",
  );
}

function parseRow(
  key: string,
  row: ConfigRow<unknown>,
  source: ConfigSource,
  raw: unknown,
  problems: ConfigProblem[],
): unknown {
  try {
    const value = row.parse(raw);
    const message = row.check?.(value);
    if (message !== undefined) problems.push({ key, source, message });
    return value;
  } catch (error) {
    problems.push({ key, source, message: error instanceof Error ? error.message : String(error) });
    return row.default;
  }
}

/** Leaves of the file by dotted key. */
function readToml(text: string | undefined, problems: ConfigProblem[]): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  const walk = (node: object, prefix: string): void => {
    for (const [name, value] of Object.entries(node)) {
      const isTable = typeof value === "object" && value !== null && !Array.isArray(value);
      if (isTable) walk(value as object, `${prefix}${name}.`);
      else leaves.set(prefix + name, value);
    }
  };
  try {
    walk(parseToml(text ?? "", { integersAsBigInt: "asNeeded" }), "");
  } catch (error) {
    problems.push({ key: "(file)", source: "file", message: error instanceof Error ? error.message : String(error) });
  }
  return leaves;
}

function unknownKey(key: string, known: readonly string[]): string {
  const last = key.split(".").at(-1);
  const near = known.find((other) => other.toLowerCase() === key.toLowerCase() || other.split(".").at(-1) === last);
  return `is not an option${near ? `; did you mean ${near}?` : ""}`;
}

const describe = (problems: readonly ConfigProblem[]): string =>
  problems.map(({ key, source, message }) => `${key} (${source}): ${message}`).join("; ");

const assignment = (name: string, value: unknown): string =>
  value === undefined || value instanceof Secret ? `# ${name} = ${literal(value)}` : `${name} = ${literal(value)}`;

function literal(value: unknown): string {
  if (value === undefined) return "(not set)";
  if (value instanceof Secret) return String(value);
  return typeof value === "bigint" ? `${value}` : JSON.stringify(value);
}
