// node seal.mjs RECIPIENT_FILE IN OUT
import { Encrypter } from "age-encryption";
import { readFileSync, writeFileSync } from "node:fs";

const [recipient, input, output] = process.argv.slice(2);
const encrypter = new Encrypter();
encrypter.addRecipient(readFileSync(recipient, "utf8").trim());
writeFileSync(output, await encrypter.encrypt(readFileSync(input)));
