import assert from "node:assert/strict";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { documentConfig } from "@metis/runtime";
import { nodeConfig } from "./config.ts";

const root = join(import.meta.dirname, "../../..");

test("configuration.md lists every option as the code has it (METIS_UPDATE_DOCS=1 writes it)", () => {
  const path = join(root, "docs/operating/configuration.md");
  const page = readFileSync(path, "utf8");
  const [head = ""] = page.split("<!-- options -->");
  const expected = `${head}<!-- options -->\n\n${documentConfig(nodeConfig)}\n`;
  if (process.env["METIS_UPDATE_DOCS"]) writeFileSync(path, expected);
  const cells = (text: string): string[][] =>
    text
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .map((line) => line.split("|").map((cell) => cell.trim()));
  assert.deepEqual(cells(readFileSync(path, "utf8")), cells(expected));
});

test("metrics.md names every metric that the code makes, and no other", () => {
  const sources = globSync("packages/*/src/**/*.ts", { cwd: root }).filter((path) => !path.endsWith(".test.ts"));
  const made = sources.flatMap((path) =>
    [...readFileSync(join(root, path), "utf8").matchAll(/\.(?:counter|gauge|histogram|observed)\(\s*"(\w+)"/g)].map(
      (match) => match[1],
    ),
  );
  const named = [...readFileSync(join(root, "docs/operating/metrics.md"), "utf8").matchAll(/^\| `(\w+)`/gm)].map(
    (match) => match[1],
  );
  assert.deepEqual(new Set(named), new Set(made));
});

test("alerts.yml asks for metrics that exist, and alarms.md tells what to do about each alert", () => {
  const rules = readFileSync(join(root, "docs/operating/alerts.yml"), "utf8");
  const page = readFileSync(join(root, "docs/operating/metrics.md"), "utf8");
  const asked = [...rules.matchAll(/metis_(\w+)/g)].map(([, name]) => name);
  assert.deepEqual(
    asked.filter((name) => !page.includes(`| \`${name}\``)),
    [],
  );
  const alarms = readFileSync(join(root, "docs/operating/alarms.md"), "utf8");
  const alerts = [...rules.matchAll(/alert: (\w+)/g)].map(([, name]) => name ?? "");
  assert.ok(alerts.length > 5);
  assert.deepEqual(
    alerts.filter((name) => !alarms.includes(`\`${name}\``)),
    [],
  );
});

test("alarms.md quotes messages as the log has them, and every error that the log can say", () => {
  const sources = globSync("packages/{node,committee,rollup,runtime,mvm}/src/**/*.ts", { cwd: root })
    .filter((path) => !/\.(test|fixture)\.ts$|\/(bench|fuzz)\//.test(path))
    .map((path) => readFileSync(join(root, path), "utf8"))
    .join("\n");
  const page = readFileSync(join(root, "docs/operating/alarms.md"), "utf8");
  const [messages = ""] = page.split("## Alerts");
  const quoted = [...messages.matchAll(/^\| (`.*?`) +\|/gm)].flatMap(([, cell]) => cell!.slice(1, -1).split(/`[^`]*`/));
  assert.ok(quoted.length > 30);
  const parts = quoted.flatMap((message) => message.split("...").map((part) => part.trim()));
  assert.deepEqual(
    parts.filter((part) => !sources.includes(part)),
    [],
  );
  const said = [...sources.matchAll(/\.error\(\s*["`]([^"`]+)["`]/g)].map(([, message]) => message!.split(/[;$]/)[0]!);
  assert.ok(said.length > 10);
  assert.deepEqual(
    said.filter((message) => !page.includes(message)),
    [],
  );
});

test("rpc.md names every Ethereum method that is served", () => {
  const page = readFileSync(join(root, "docs/spec/rpc.md"), "utf8");
  const tables = globSync("packages/node/src/{rpc,rollup-rpc}/*.ts", { cwd: root }).filter(
    (path) => !/\.(test|fixture)\.ts$/.test(path),
  );
  const served = tables.flatMap((path) =>
    [
      ...readFileSync(join(root, path), "utf8").matchAll(
        /^ {4}((?:eth|net|web3|txpool|debug|rollup|testing)_\w+): method/gm,
      ),
    ].map((match) => match[1] ?? ""),
  );
  assert.ok(served.length > 60, `${served.length} methods found`);
  const missing = served.filter((name) => !new RegExp(`\\b(${name}|${name.split("_")[1]})\\b`).test(page));
  assert.deepEqual(missing, []);
});

test("the specification names every code that the kernel refuses with", () => {
  const pages = ["kernel", "derivation"].map((page) => readFileSync(join(root, `docs/spec/${page}.md`), "utf8")).join();
  const sources = globSync("crates/mvm/src/**/*.rs", { cwd: root }).filter((path) => !path.includes("tests"));
  const codes = sources.flatMap((path) =>
    [...readFileSync(join(root, path), "utf8").matchAll(/"([a-z]+(?:-[a-z]+)+)"/g)].map(([, code]) => code ?? ""),
  );
  assert.ok(codes.length > 60, `${codes.length} codes found`);
  assert.deepEqual([...new Set(codes.filter((code) => !new RegExp(`\\b${code}\\b`).test(pages)))], []);
});

test("every vector file of the specification is read by a test", () => {
  const patterns = ["packages/*/src/**/*.test.ts", "contracts/test/**/*.sol", "crates/*/src/**/{vectors,tests}.rs"];
  const tests = globSync([...patterns, "packages/rollup/src/testing/*.ts"], { cwd: root });
  const text = tests.map((path) => readFileSync(join(root, path), "utf8")).join("\n");
  const files = globSync("docs/spec/vectors/*.json", { cwd: root }).map((path) => basename(path, ".json"));
  assert.ok(files.length > 30);
  const read = (file: string): boolean => new RegExp(`["/]${file}(\\.json)?["\`]`).test(text);
  assert.deepEqual(
    files.filter((file) => !read(file)),
    [],
  );
});
