// Asks the app in this container how it is: `node healthcheck.mjs URL`. Exit code 0 only for a 2xx answer.
// There is no curl in the image, and Node is there anyway.
const [url = ""] = process.argv.slice(2);
const answer = await fetch(url, { signal: AbortSignal.timeout(4_000) });
process.stdout.write(`${answer.status} ${await answer.text()}\n`);
process.exitCode = answer.ok ? 0 : 1;
