// Checks a receipt of a Resguardo log without Resguardo: Node's own library is enough.
//
//     node verify-receipt.mjs RECEIPT root.json [POLICY]
//
// RECEIPT: as `resguardo` writes it (C2SP tlog-proof, with the entry in its `extra` line). root.json: from an institution of
// the council. POLICY: text of the policy of a later council, where the checkpoint is signed by that one. Ends with 0 when
// the entry was in the log at the time that it prints, and with 1 when the receipt proves nothing. A cosigner whose key is
// ML-DSA-44 counts here as one that has not signed: where the policy needs it, only the program can say.

import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();
const leafHash = (entry) => sha256(Buffer.of(0), entry);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);

function refuse(why) {
  console.error(`✗ this receipt proves nothing: ${why}`);
  process.exit(1);
}

// Standard base64 with its padding, in the one way to write it.
function base64(text) {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : refuse("malformed base64");
}

function ed25519(key, message, signature) {
  const prefix = Buffer.from("302a300506032b6570032100", "hex");
  const spki = createPublicKey({ key: Buffer.concat([prefix, key]), format: "der", type: "spki" });
  return signature.length === 64 && verify(null, message, spki, signature);
}

// Type of a key that Node cannot check.
const ML_DSA = 6;

// `name+id+base64(type ‖ key)`; the id is the beginning of SHA-256(name ‖ \n ‖ type ‖ key).
function verifierKey(text) {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text);
  if (!match) refuse(`not a key: ${text}`);
  const [, name, id, encoded] = match;
  const bytes = base64(encoded);
  const wanted = sha256(Buffer.from(`${name}\n`), bytes).subarray(0, 4);
  const length = bytes[0] === ML_DSA ? 1313 : 33;
  if (bytes.length !== length || wanted.toString("hex") !== id) refuse(`a damaged key: ${name}`);
  return { name, id: wanted, type: bytes[0], key: bytes.subarray(1) };
}

// tlog-policy: witnesses and groups by name, and the one that decides.
function readPolicy(text) {
  const voices = new Map();
  let quorum;
  for (const line of text.split("\n")) {
    const [word, ...rest] = line.split(/[ \t]+/).filter(Boolean);
    if (word === "witness") voices.set(rest[0], { key: verifierKey(rest[1]) });
    if (word === "group") {
      const members = rest.slice(2);
      const k = { any: 1, all: members.length }[rest[1]] ?? Number(rest[1]);
      voices.set(rest[0], { k, members });
    }
    if (word === "quorum") quorum = rest[0];
  }
  if (!voices.has(quorum)) refuse("the policy asks for no cosignature");
  return { voices, quorum };
}

// A note: text, an empty line, signature lines.
function readNote(note) {
  const end = note.lastIndexOf("\n\n");
  if (end < 0) refuse("no checkpoint in it");
  const lines = note
    .slice(end + 2)
    .split("\n")
    .filter(Boolean);
  const signatures = lines.map((line) => {
    const match = /^— (\S+) (\S+)$/.exec(line);
    if (!match) refuse("a malformed signature line");
    const bytes = base64(match[2]);
    return { name: match[1], id: bytes.subarray(0, 4), bytes: bytes.subarray(4) };
  });
  return { text: note.slice(0, end + 1), signatures };
}

const ofKey = (key) => (line) => line.name === key.name && line.id.equals(key.id);

// The time of a cosigner's signature; 0 without one. One that does not verify spoils the checkpoint.
function cosignedAt(note, key) {
  let newest = 0;
  if (key.type === ML_DSA) return newest;
  for (const { bytes } of note.signatures.filter(ofKey(key))) {
    const time = Number(bytes.readBigUInt64BE(0));
    const message = Buffer.from(`cosignature/v1\ntime ${time}\n${note.text}`);
    if (!ed25519(key.key, message, bytes.subarray(8))) refuse(`a bad cosignature by ${key.name}`);
    newest = Math.max(newest, time);
  }
  return newest;
}

// The greatest time such that cosignatures of that time or later satisfy the policy.
function trustedTime(note, { voices, quorum }) {
  const times = new Map();
  const timeOf = (name) => {
    const voice = voices.get(name) ?? refuse(`the policy names nobody ${name}`);
    if (voice.key) return times.get(name) ?? times.set(name, cosignedAt(note, voice.key)).get(name);
    return voice.members.map(timeOf).sort((a, b) => b - a)[voice.k - 1] ?? 0;
  };
  for (const [name, voice] of voices) if (voice.key) timeOf(name);
  return timeOf(quorum);
}

// The root that an inclusion proof leads to (RFC 6962, as RFC 9162 computes it).
function rootOf(leaf, index, size, proof) {
  let [at, last, hash] = [BigInt(index), BigInt(size) - 1n, leaf];
  for (const sibling of proof) {
    if (last === 0n) refuse("the proof is too long");
    if (at & 1n || at === last) {
      hash = nodeHash(sibling, hash);
      while (!(at & 1n) && at !== 0n) [at, last] = [at >> 1n, last >> 1n];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  return last === 0n ? hash : refuse("the proof is too short");
}

const [receiptFile, rootFile, policyFile] = process.argv.slice(2);
if (!rootFile) refuse("usage: node verify-receipt.mjs RECEIPT root.json [POLICY]");
const root = JSON.parse(readFileSync(rootFile, "utf8"));
const policy = readPolicy(policyFile ? readFileSync(policyFile, "utf8") : root.policy);

const receipt = readFileSync(receiptFile, "utf8");
const [head] = receipt.split("\n\n", 1);
const [header, ...lines] = head.split("\n");
if (header !== "c2sp.org/tlog-proof@v1") refuse("it is no receipt");
const entry = base64(lines.shift()?.replace(/^extra /, "") ?? "");
const index = Number(/^index (0|[1-9]\d*)$/.exec(lines.shift() ?? "")?.[1] ?? refuse("it names no entry"));

const note = readNote(receipt.slice(head.length + 2));
const [origin, size, rootHash] = note.text.split("\n");
const logKey = verifierKey(root.log_key);
if (origin !== root.origin) refuse(`it is of another log, ${origin}`);
const byLog = note.signatures.filter(ofKey(logKey));
if (byLog.length === 0 || !byLog.every(({ bytes }) => ed25519(logKey.key, Buffer.from(note.text), bytes))) {
  refuse("the log has not signed it");
}
const time = trustedTime(note, policy);
const unchecked = [...policy.voices.values()].filter(({ key }) => key?.type === ML_DSA).length;
const use = "use `resguardo receipt verify`";
if (time === 0 && unchecked) refuse(`too few cosigners, without ${unchecked} by ML-DSA-44, not checked here: ${use}`);
if (time === 0) refuse("too few cosigners have signed it");
if (!(index < Number(size))) refuse("the entry is beyond the checkpoint");
if (!rootOf(leafHash(entry), index, size, lines.map(base64)).equals(base64(rootHash))) {
  refuse("the entry is not under that checkpoint");
}
console.log(
  `✓ entry ${index} of ${size} is in the log of ${origin} since ${new Date(time * 1000).toISOString()} at the latest`,
);
console.log(`  SHA-256 of the entry: ${sha256(entry).toString("hex")}`);
