/**
 * Loaded before a program under test: its garbage is collected every second, so that what it uses is what it
 * holds.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
setInterval(runInNewContext("gc"), 1000).unref();
