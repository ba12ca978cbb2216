// As much of curl as the documentation uses, for machines without it: -s, --fail-with-body, -H, -d and an address.
const given = process.argv.slice(2);
const request = { method: "GET", headers: {}, body: undefined };
let address = "";

while (given.length > 0) {
  const word = given.shift();
  if (word === "-H") {
    const [, name, value] = /^([^:]+): *(.*)$/.exec(given.shift()) ?? [];
    request.headers[name] = value;
  } else if (word === "-d") {
    Object.assign(request, { method: "POST", body: given.shift() });
  } else if (word?.startsWith("http")) {
    address = word;
  } else if (word !== "-s" && word !== "--fail-with-body") {
    throw new Error(`This stand-in for curl does not know ${word}.`);
  }
}

const answer = await fetch(address, request);
process.stdout.write(await answer.text());
if (!answer.ok) process.exitCode = 22;
