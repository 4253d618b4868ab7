/** One table of the bench. Numbers stay numbers until they are printed. */
export interface Section {
  /** As `--only` names it. */
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
  /** What a reader must know to judge the numbers: goals reached or not, cache state, sizes. */
  readonly notes: readonly string[];
}

export type Row = Readonly<Record<string, string | number | undefined>>;

const cell = (value: string | number | undefined): string => {
  if (value === undefined) return "-";
  if (typeof value === "string") return value;
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
};

/** The section as text for a terminal: columns in the order of the rows' keys, numbers to the right. */
export function printed({ title, rows, notes }: Section): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const table = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, i) => Math.max(...table.map((line) => line[i]!.length)));
  const isText = columns.map((column) => rows.some((row) => typeof row[column] === "string"));
  const lines = table.map((line) =>
    line.map((text, i) => (isText[i] ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join("  "),
  );
  return [title, ...lines, ...notes].join("\n");
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** The value below which `share` (0 to 1) of `values` lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/** A line for the one who waits. */
export const progress = (text: string): void => void process.stderr.write(`${text}\n`);
