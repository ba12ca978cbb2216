// What the launcher tells a person. All of it goes to stderr: stdout belongs to the command that is started.

/** A reason not to go on, in sentences that say what, where and what next. */
export class Refusal extends Error {}

/** @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Shows that something long is going on: one line that is rewritten on a terminal, two plain lines elsewhere.
 * @param {string} title
 */
export function progress(title) {
  const terminal = process.stderr.isTTY === true;
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  let detail = "";
  const draw = () => {
    const line = `${title} (${seconds()} s)${detail === "" ? "" : `: ${detail}`}`;
    process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  };
  if (!terminal) say(`${title} …`);
  const timer = terminal ? setInterval(draw, 500) : undefined;
  const end = (word) => {
    clearInterval(timer);
    if (terminal) process.stderr.write("\r\x1b[2K");
    say(`${title}: ${word} after ${seconds()} s.`);
  };
  return {
    /** @param {string} text */
    detail(text) {
      detail = text;
    },
    done: () => end("done"),
    failed: () => end("failed"),
  };
}
