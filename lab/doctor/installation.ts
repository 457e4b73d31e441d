/** What every stage stands on: Node, the native module, the model. */
import { ProgramError } from "../../common/errors.ts";
import { readModel } from "../../common/model_file.ts";
import { explainOldNode } from "../../common/node_version.mjs";
import { openDatabase, sqliteModule } from "../../common/sqlite.ts";
import type { Check } from "./check.ts";

export function examineNode(version = process.versions.node): Check {
  const detail = explainOldNode(version);
  if (detail === undefined) return { name: "node", ok: true, detail: version };
  return {
    name: "node",
    ok: false,
    detail,
    fix: "nvm install 22",
    blocks: { stages: [0, 1, 2, 3, 4, 5], because: `Node ${version} is too old` },
  };
}

/** The persisters' database is compiled code, made for one kind of system. */
export function examineNativeModule(): Check {
  const name = "native module";
  try {
    const database = openDatabase(":memory:");
    const row = database.prepare("SELECT sqlite_version() AS version").get() as { version: string };
    database.close();
    return { name, ok: true, detail: `${sqliteModule()} loads (SQLite ${row.version})` };
  } catch (error) {
    // Whatever it is, that it does not load is the finding.
    const { code, message } = error as NodeJS.ErrnoException;
    return {
      name,
      ok: false,
      detail: `${sqliteModule()} does not load: ${message.split("\n")[0]}`,
      fix: code === "MODULE_NOT_FOUND" ? "npm ci" : "npm rebuild @photostructure/sqlite",
      blocks: { stages: [4, 5], because: "SQLite does not load" },
    };
  }
}

export function examineModel(file: string): Check {
  const name = "model";
  try {
    const { card } = readModel(file);
    return { name, ok: true, detail: `version ${card.version}, whole` };
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    return {
      name,
      ok: false,
      detail: error.message,
      ...(error.fix === undefined ? {} : { fix: error.fix }),
      blocks: { stages: [1, 2, 3, 4, 5], because: "the model cannot be loaded" },
    };
  }
}
