// node open.mjs IDENTITY_FILE IN OUT   (an age identity, or with --passphrase its passphrase, in the file)
import { Decrypter } from "age-encryption";
import { readFileSync, writeFileSync } from "node:fs";

const flags = process.argv.slice(2).filter((a) => a.startsWith("--"));
const [secret, input, output] = process.argv.slice(2).filter((a) => !a.startsWith("--"));
const decrypter = new Decrypter();
const text = readFileSync(secret, "utf8").trim();
if (flags.includes("--passphrase")) decrypter.addPassphrase(text);
else decrypter.addIdentity(text);
writeFileSync(output, await decrypter.decrypt(readFileSync(input)));
