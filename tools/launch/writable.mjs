import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "./say.mjs";

/**
 * Refuses, in a sentence, when the project's folder cannot be written to.
 * @param {string} root
 * @returns {string} the folder `.jukebase` of the project, made when missing
 */
export function writableFolder(root) {
  const folder = join(root, ".jukebase");
  const probe = join(folder, `probe-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(probe, "");
    rmSync(probe);
  } catch (error) {
    if (error.code === "ENOSPC")
      throw new Refusal(`The disk of ${root} is full. Jukebase needs about 1 GB there; make room and start again.`);
    if (!["EROFS", "EACCES", "EPERM"].includes(error.code)) throw error;
    throw new Refusal(
      `The project folder ${root} is read-only for you, and Jukebase installs its tools and dependencies in it. ` +
        'Copy the project to a folder of your own, or make this one yours (for example: sudo chown -R "$USER" .), and start again.',
    );
  }
  return folder;
}
