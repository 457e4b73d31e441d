/** A real terminal, by Python's pty module: a program behaves there in another way than on a pipe. */
import { spawnSync } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import xterm from "@xterm/headless";
import { execa } from "execa";
import { ROOT } from "../../lab/harness/programs.ts";

/** Whether this machine can lend a terminal: Python 3, and not Windows, which has no pty. */
export const HAS_TERMINAL =
  process.platform !== "win32" && spawnSync("python3", ["-c", "import pty"]).status === 0;

const ROWS = 50;
/** As the last step's text to type: closes the terminal, as a person closes its window. */
export const HANG_UP = "(hang up)";
/** What Ctrl-C sends. */
export const CTRL_C = "\u0003";

/**
 * Runs argv[3:] on a terminal of argv[2] columns; each step [what to wait for, what to type] is played when
 * the output shows it.
 */
const PLAYER = `
import fcntl, json, os, pty, struct, sys, termios
steps, columns, argv = json.loads(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
pid, fd = pty.fork()
if pid == 0: os.execvp(argv[0], argv)
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', ${ROWS}, columns, 0, 0))
seen = out = b""
while True:
    try: data = os.read(fd, 4096)
    except OSError: break
    if not data: break
    out += data; seen += data
    while steps and steps[0][0].encode() in seen:
        wanted, typed = (text.encode() for text in steps.pop(0))
        seen = seen.split(wanted, 1)[1]
        if typed == b"${HANG_UP}": os.close(fd)
        elif typed: os.write(fd, typed)
sys.stdout.buffer.write(out)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

/** What a program on a terminal waits for, and what is then typed. */
export type Step = [waitFor: string, type: string];

/** Runs a command on a terminal that is wide enough for every line, unless `columns` says otherwise. */
export async function runOnTerminal(
  argv: string[],
  steps: Step[],
  env: Record<string, string> = {},
  columns = 200,
): Promise<{ exitCode: number | undefined; text: string; screen: string[] }> {
  const args = ["-c", PLAYER, JSON.stringify(steps), String(columns), ...argv];
  const { exitCode, stdout } = await execa("python3", args, {
    cwd: ROOT,
    env: { NO_COLOR: "1", FORCE_COLOR: undefined, ...env },
    reject: false,
  });
  return {
    exitCode,
    /** All that was shown, without its control sequences. */
    text: stripVTControlCharacters(stdout).replaceAll("\r", ""),
    /** The rows that a person sees at the end, empty ones left out. */
    screen: await draw(stdout, columns),
  };
}

async function draw(output: string, columns: number): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows: ROWS, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(output, resolve));
  const { active } = terminal.buffer;
  const rows = Array.from(
    { length: active.length },
    (_, y) => active.getLine(y)?.translateToString(true).trimEnd() ?? "",
  );
  terminal.dispose();
  return rows.filter((row) => row !== "");
}
