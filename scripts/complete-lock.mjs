// Adds lock entries for optional platform packages that the registry did not serve when the lock was made:
// without them `npm ci` refuses the lock, or a user of that platform gets no binary. Run after every lock change.
import { readFileSync, writeFileSync } from "node:fs";

const file = process.argv[2] ?? "package-lock.json";
const lock = JSON.parse(readFileSync(file, "utf8"));

/** os, cpu and libc as the name of a platform package tells them. */
function platformOf(name) {
  const os = /(linux|darwin|win32|android|freebsd|openbsd|netbsd|sunos|aix|openharmony)/.exec(name)?.[1] ?? "none";
  const cpu =
    /(x64|arm64|ia32|arm|ppc64|s390x|riscv64|loong64|mips64el|wasm32|amd64)/.exec(name)?.[1].replace("amd64", "x64") ??
    "none";
  const libc = name.includes("musl") ? { libc: ["musl"] } : name.includes("gnu") ? { libc: ["glibc"] } : {};
  return { os: [os], cpu: [cpu], ...libc };
}

const added = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const places = [`${path}/node_modules/${name}`, `node_modules/${name}`];
    if (!/^\d/.test(version) || places.some((place) => lock.packages[place])) continue;
    const nested = path.split("/node_modules/").length > 1;
    lock.packages[places[nested ? 0 : 1]] = {
      version,
      ...platformOf(name),
      ...(entry.dev && { dev: true }),
      optional: true,
    };
    added.push(name);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`complete-lock: ${added.length} entries added ${added.join(" ")}`);
