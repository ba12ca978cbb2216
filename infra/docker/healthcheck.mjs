// Asks the app in this container how it is: `node healthcheck.mjs VARIABLE_OF_ITS_PORT PATH`. Exit code 0 only for a 2xx answer.
// There is no curl in the image, and Node is there anyway.
const [variable = "", path = "/health"] = process.argv.slice(2);
const answer = await fetch(`http://127.0.0.1:${process.env[variable]}${path}`, { signal: AbortSignal.timeout(4_000) });
process.stdout.write(`${answer.status} ${await answer.text()}\n`);
process.exitCode = answer.ok ? 0 : 1;
