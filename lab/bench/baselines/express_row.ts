/**
 * What the gateway's GET /tasks/<id> is measured against: the least Express app that reads a row of SQLite.
 */
import express from "express";
import { openDatabase } from "../../../common/sqlite.ts";
import { serve } from "./express_app.ts";

/** The database of a gateway, so that both look up the same row in the same table. */
const [file = ""] = process.argv.slice(2);
const database = openDatabase(file, { readOnly: true });
const find = database.prepare("SELECT * FROM task WHERE id = ?");
const app = express();
// The module for Node 20 closes a database that nobody refers to, though a statement of it is in use.
app.locals.database = database;
app.get("/tasks/:id", (request, response) => {
  response.json(find.get(request.params.id));
});
await serve(app);
