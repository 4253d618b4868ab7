import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "../foundry.mjs";

/**
 * Breaks one guard at a time in a copy, and says which ones nothing notices; the exit code is 1 if there are any.
 *   mutants  [{ name, patches: [[file, text, what it becomes], ...], ... }]; each text stands in its file exactly once
 *   words    only mutants whose name contains one of them are broken; without any, all are. That they fit the code is asked of all
 *   sources  folder of the files, from the repository's root
 *   fill     makes the copy, given its folder
 *   unbroken what is wrong in the copy before anything is broken, given the folder and the mutants chosen; nothing if all is well
 *   seen     what shows that the copy is broken, given its folder and the mutant; nothing if nothing does
 */
export function breakEach({ mutants, words, sources, fill, unbroken, seen }) {
  for (const mutant of mutants) requireFit(mutant, sources);
  const chosen = mutants.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  const alive = chosen.length === 0 ? [] : survivors(chosen, { sources, fill, unbroken, seen });
  console.log(`${chosen.length - alive.length} of ${chosen.length} mutants killed; all ${mutants.length} fit the code`);
  for (const name of alive) console.log(`ALIVE   ${name}`);
  process.exitCode = alive.length === 0 ? 0 : 1;
}

function requireFit({ name, patches }, sources) {
  for (const [file, from] of patches)
    if (readFileSync(join(repository, sources, file), "utf8").split(from).length !== 2)
      throw new Error(`${name}: ${file} does not contain exactly once: ${from}`);
}

function survivors(chosen, { sources, fill, unbroken, seen }) {
  const copy = mkdtempSync(join(tmpdir(), "metis-mutants-"));
  const alive = [];
  try {
    fill(copy);
    const wrong = unbroken?.(copy, chosen);
    if (wrong !== undefined) throw new Error(`the unbroken code fails: ${wrong}`);
    for (const mutant of chosen) {
      const mend = breakOne(join(copy, sources), mutant);
      const shown = seen(copy, mutant);
      mend();
      if (shown === undefined) alive.push(mutant.name);
      console.log(shown === undefined ? `ALIVE   ${mutant.name}` : `killed  ${mutant.name}: ${shown.slice(0, 120)}`);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  return alive;
}

/** Applies the patches; returns what takes them back. */
function breakOne(folder, { patches }) {
  const before = new Map();
  for (const [file, from, to] of patches) {
    const path = join(folder, file);
    const source = readFileSync(path, "utf8");
    if (!before.has(path)) before.set(path, source);
    writeFileSync(
      path,
      source.replace(from, () => to),
    );
  }
  return () => before.forEach((source, path) => writeFileSync(path, source));
}
