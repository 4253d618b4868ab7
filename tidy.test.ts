// Holds the repository to its own rules: one-way rooms, file sizes, no ambient time or randomness, no traces of a machine.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

/** Which rooms a room may import values from, beside itself. */
const mayImport: Record<string, readonly string[]> = {
  protocol: [],
  runtime: ["protocol"],
  mvm: ["protocol"],
  rollup: ["protocol"],
  committee: ["protocol"],
  node: ["protocol", "runtime", "mvm", "rollup", "committee"],
  client: ["protocol"],
  cli: ["protocol", "runtime", "mvm", "rollup", "committee", "node", "client"],
  testing: ["protocol", "runtime", "mvm", "rollup", "committee", "node", "client"],
};
/** Rooms that a room may import types from only: their implementations are injected. */
const mayImportTypes: Record<string, readonly string[]> = {
  mvm: ["runtime"],
  rollup: ["runtime"],
  committee: ["runtime"],
};
/** Rooms that may touch the process, the wall clock and ambient randomness. */
const ambientRooms = new Set(["cli", "runtime", "testing"]);
/** Asks whether the process that holds a data directory still lives; has its end wait for what is being written. */
const ambientFiles = new Set(["packages/mvm/src/storage/lock.ts", "packages/mvm/src/storage/exitGuard.ts"]);
const maxLines = 400;

const tracked = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
  cwd: import.meta.dirname,
})
  .split("\0")
  .filter((path) => path !== "" && existsSync(`${import.meta.dirname}/${path}`));
const text = (path: string): string => readFileSync(`${import.meta.dirname}/${path}`, "utf8");
const sources = tracked.filter((path) => /^(packages|e2e|apps)\/.*\.tsx?$/.test(path));
const isTest = (path: string): boolean =>
  /\.test\.tsx?$/.test(path) || path.includes("/testing/") || path.includes("/bench/");
const isGenerated = (path: string): boolean => path.includes("/src/contracts/");

const roomOf = (path: string): string => /^packages\/([^/]+)\//.exec(path)?.[1] ?? path.split("/", 1).join();

interface Import {
  readonly typesOnly: boolean;
  readonly from: string;
}
function importsOf(source: string): Import[] {
  const found = source.matchAll(
    /^(?:import|export)\s+(type\s)?[^;"']*?\bfrom\s+["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm,
  );
  return [...found].map((match) => ({ typesOnly: match[1] !== undefined, from: match[2] ?? match[3] ?? "" }));
}

test("rooms import only downward", () => {
  const wrong: string[] = [];
  for (const path of sources.filter((file) => file.startsWith("packages/"))) {
    const room = roomOf(path);
    for (const { typesOnly, from } of importsOf(text(path))) {
      const target = /^@metis\/([^/]+)/.exec(from)?.[1];
      if (target === undefined || target === room) continue;
      const allowed =
        mayImport[room]?.includes(target) ||
        (typesOnly && mayImportTypes[room]?.includes(target)) ||
        (isTest(path) && (target === "testing" || mayImport["testing"]?.includes(target)));
      if (!allowed) wrong.push(`${path} imports ${from}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("no room reaches into another by a relative path", () => {
  const wrong = sources
    .filter((path) => path.startsWith("packages/"))
    .flatMap((path) => importsOf(text(path)).map(({ from }) => ({ path, from })))
    .filter(({ path, from }) => {
      if (!from.startsWith("..")) return false;
      const target = new URL(from, `file:///${path}`).pathname.slice(1);
      return target.startsWith("packages/") && roomOf(target) !== roomOf(path);
    });
  assert.deepEqual(wrong, []);
});

test("time, randomness and the process are touched by cli and runtime alone", () => {
  const ambient =
    /\bDate\.now\b|\bnew Date\b|\bMath\.random\b|\bprocess\.(env|argv|exit|on|kill|cwd)\b|from "node:process"/;
  const wrong = sources.filter(
    (path) =>
      path.startsWith("packages/") &&
      !ambientRooms.has(roomOf(path)) &&
      !ambientFiles.has(path) &&
      !isTest(path) &&
      ambient.test(text(path)),
  );
  assert.deepEqual(wrong, []);
});

test(`no source file is longer than ${maxLines} lines`, () => {
  const long = tracked
    .filter((path) => /\.(ts|tsx|sol|rs|mjs)$/.test(path) && !isGenerated(path))
    .filter((path) => text(path).split("\n").length > maxLines + 1);
  assert.deepEqual(long, []);
});

test("the repository names no machine, no registry host and no unfinished work", () => {
  const here = import.meta.dirname;
  const forbidden: RegExp[] = [
    new RegExp(here.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") + "/"),
    /registry\.npmjs\.org|static\.crates\.io|index\.crates\.io/,
    /\b(TODO|FIXME|XXX|HACK)\b|\bunimplemented!|\btodo!\(/,
  ];
  const wrong = tracked
    .filter((path) => /\.(ts|tsx|sol|rs|mjs|json|md|toml|sh)$/.test(path) && path !== "tidy.test.ts")
    .filter((path) => path !== "Cargo.lock" && !isGenerated(path))
    .flatMap((path) => forbidden.filter((rule) => rule.test(text(path))).map((rule) => `${path}: ${rule.source}`));
  assert.deepEqual(wrong, []);
});

test("the lockfile lists every optional platform package", () => {
  const lock = JSON.parse(text("package-lock.json")) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(
        ([name, version]) =>
          /^\d/.test(version) &&
          !lock.packages[`${path}/node_modules/${name}`] &&
          !lock.packages[`node_modules/${name}`],
      )
      .map(([name]) => name),
  );
  assert.deepEqual(missing, [], "run: node scripts/complete-lock.mjs");
});

test("every dependency has an exact version", () => {
  const loose = tracked
    .filter((path) => path.endsWith("package.json"))
    .flatMap((path) => {
      const manifest = JSON.parse(text(path)) as Record<string, Record<string, string> | undefined>;
      return ["dependencies", "devDependencies", "optionalDependencies"].flatMap((kind) =>
        Object.entries(manifest[kind] ?? {})
          .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
          .map(([name, version]) => `${path}: ${name}@${version}`),
      );
    });
  assert.deepEqual(loose, []);
});

test("trust.md is what the tests of every power and the contracts say", () => {
  execFileSync(process.execPath, ["scripts/trust-table.mjs", "--check"], { stdio: ["ignore", "inherit", "inherit"] });
});
