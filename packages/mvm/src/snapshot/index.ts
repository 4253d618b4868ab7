export { exportSnapshot, type ExportOptions, type SnapshotProgress, type SnapshotSummary } from "./export.ts";
export {
  importSnapshot,
  readSnapshotStart,
  requireNoImport,
  type ImportSnapshotOptions,
  type SnapshotContent,
  type SnapshotStart,
} from "./import.ts";
