export { exportSnapshot, type ExportOptions, type SnapshotProgress, type SnapshotSummary } from "./export.ts";
export {
  importSnapshot,
  readSnapshotStart,
  type ImportSnapshotOptions,
  type SnapshotContent,
  type SnapshotStart,
} from "./import.ts";
