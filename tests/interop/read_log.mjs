// Reads a whole log as a stranger does who has the specifications alone: C2SP tlog-tiles, signed-note, tlog-cosignature,
// tlog-policy, tlog-proof, and docs/protocol.md §20. It shares no code with Resguardo: Ed25519 and SHA-256 are Node's,
// ML-DSA-44 is that of npm `@noble/post-quantum`.
//
//     node read_log.mjs SOURCE root.json [--policy FILE] [--step-s SECONDS] [--receipts COUNT]
//
// SOURCE: address of a service or mirror, or a folder with a copy of its files. root.json: the root of trust; --policy:
// another policy. Read are the checkpoint, every bundle of entries, every tile of hashes, with --step-s the checkpoint of
// every step, with --receipts so many receipts. Prints what it read as JSON and ends with 0, or names the first fault and
// ends with 1.

import { createHash, createPublicKey, verify } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";

const WIDTH = 256;
const LOG_KEY = 1;
const COSIGNER_ED25519 = 4;
const COSIGNER_ML_DSA = 6;
const AT_ONCE = 16;
const NOTE_LINES_MAX = 100;
// A step's checkpoint is dated so many seconds around it at most (§6.3).
const DATED_WITHIN = 300;

class Fault extends Error {}

function must(holds, why) {
  if (!holds) throw new Fault(why);
}

const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();
const leafHash = (entry) => sha256(Buffer.of(0), entry);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);

function base64(text, where) {
  const bytes = Buffer.from(text, "base64");
  must(bytes.toString("base64") === text, `${where}: malformed base64`);
  return bytes;
}

function decimal(text, where) {
  must(/^(0|[1-9]\d{0,18})$/.test(text ?? ""), `${where}: not a number: ${text}`);
  return Number(text);
}

const u64 = (value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
};

// signed-note: keys

function verifierKey(text) {
  const parts = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text);
  must(parts, `not a key: ${text}`);
  const [, name, id, encoded] = parts;
  const bytes = base64(encoded, name);
  const computed = sha256(Buffer.from(`${name}\n`), bytes).subarray(0, 4);
  must(computed.toString("hex") === id, `${name}: its key has another id`);
  const [type, key] = [bytes[0], bytes.subarray(1)];
  const length = { [LOG_KEY]: 32, [COSIGNER_ED25519]: 32, [COSIGNER_ML_DSA]: 1312 }[type];
  must(key.length === length, `${name}: a key of type ${type} has another length`);
  return { name, id: computed, type, key };
}

function ed25519(key, message, signature) {
  const prefix = Buffer.from("302a300506032b6570032100", "hex");
  const spki = createPublicKey({ key: Buffer.concat([prefix, key]), format: "der", type: "spki" });
  return signature.length === 64 && verify(null, message, spki, signature);
}

// tlog-policy

function readPolicy(text) {
  const [logs, parties] = [[], new Map()];
  let quorum;
  for (const line of text.split("\n")) {
    const [word, ...rest] = line.split(/[ \t]+/).filter(Boolean);
    if (word === undefined || word.startsWith("#")) continue;
    if (word === "log") {
      logs.push(verifierKey(rest[0]));
    } else if (word === "witness" || word === "group") {
      must(!parties.has(rest[0]) && rest[0] !== "none", `policy: ${rest[0]} stands twice`);
      if (word === "witness") {
        parties.set(rest[0], { key: verifierKey(rest[1]) });
        continue;
      }
      const members = rest.slice(2);
      for (const member of members) must(parties.has(member), `policy: nobody is ${member}`);
      const k = { any: 1, all: members.length }[rest[1]] ?? decimal(rest[1], "policy");
      must(k >= 1 && k <= members.length, `policy: ${k} of ${members.length}`);
      parties.set(rest[0], { k, members });
    } else {
      must(word === "quorum" && quorum === undefined, `policy: ${line}`);
      quorum = rest[0];
    }
  }
  must(quorum === "none" || parties.has(quorum), "policy: no quorum");
  return { logs, parties, quorum };
}

// signed-note, tlog-checkpoint, tlog-cosignature

function readNote(bytes, where) {
  const note = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  const isControl = (character) => character < " " && character !== "\n";
  must(![...note].some(isControl), `${where}: a control character`);
  const end = note.lastIndexOf("\n\n");
  must(end > 0 && note.endsWith("\n"), `${where}: not a note`);
  const lines = note.slice(end + 2, -1).split("\n");
  must(note.split("\n").length <= NOTE_LINES_MAX, `${where}: too many lines`);
  const signatures = lines.map((line) => {
    const parts = /^— ([^+\s]+) (\S+)$/.exec(line);
    must(parts, `${where}: a malformed signature line`);
    const signed = base64(parts[2], where);
    must(signed.length > 4, `${where}: a short signature`);
    return { name: parts[1], id: signed.subarray(0, 4), signature: signed.subarray(4) };
  });
  return { text: note.slice(0, end + 1), signatures };
}

const byKey = (note, key) => note.signatures.filter(({ name, id }) => name === key.name && id.equals(key.id));

// When a cosigner signed, at the latest; `undefined` where it did not.
function cosignedAt(note, checkpoint, key, where) {
  const times = byKey(note, key).map(({ signature }) => {
    must(signature.length > 8, `${where}: a short cosignature by ${key.name}`);
    const [time, signed] = [signature.readBigUInt64BE(0), signature.subarray(8)];
    const [name, origin] = [Buffer.from(key.name), Buffer.from(checkpoint.origin)];
    const isSigned =
      key.type === COSIGNER_ED25519
        ? ed25519(key.key, Buffer.from(`cosignature/v1\ntime ${time}\n${note.text}`), signed)
        : signed.length === 2420 &&
          ml_dsa44.verify(
            signed,
            Buffer.concat([
              Buffer.from("subtree/v1\n\0"),
              Buffer.of(name.length),
              name,
              u64(time),
              Buffer.of(origin.length),
              origin,
              u64(0),
              u64(checkpoint.size),
              checkpoint.root,
            ]),
            key.key,
          );
    must(isSigned, `${where}: a wrong cosignature by ${key.name}`);
    return Number(time);
  });
  return times.length > 0 ? Math.max(...times) : undefined;
}

// A checkpoint that the log signed and a quorum cosigned.
function readCheckpoint(bytes, trust, where) {
  const note = readNote(bytes, where);
  const [origin, size, root] = note.text.split("\n");
  must(origin === trust.origin, `${where}: of another log, ${origin}`);
  const checkpoint = { origin, size: decimal(size, where), root: base64(root, where), by: [] };
  must(checkpoint.root.length === 32, `${where}: a root of another length`);
  const byLog = byKey(note, trust.logKey);
  must(byLog.length > 0, `${where}: not signed by the log`);
  for (const { signature } of byLog) {
    must(ed25519(trust.logKey.key, Buffer.from(note.text), signature), `${where}: a wrong signature by the log`);
  }
  const { parties, quorum } = trust.policy;
  const times = new Map();
  for (const [name, party] of parties) {
    if (party.key) {
      times.set(name, cosignedAt(note, checkpoint, party.key, where) ?? 0);
      if (times.get(name) > 0) checkpoint.by.push(name);
    } else {
      const ofMembers = party.members.map((member) => times.get(member)).sort((a, b) => b - a);
      times.set(name, ofMembers[party.k - 1]);
    }
  }
  checkpoint.time = quorum === "none" ? 0 : times.get(quorum);
  must(quorum === "none" || checkpoint.time > 0, `${where}: no quorum has cosigned it`);
  return checkpoint;
}

// tlog-tiles

const tilePath = (level, index, width) => {
  const groups = [];
  for (let rest = index; rest > 0 || groups.length === 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(String(rest % 1000).padStart(3, "0"));
  }
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `log/tile/${level}/${path}${width < WIDTH ? `.p/${width}` : ""}`;
};

// The tiles that hold `count` items: full ones, and at the end perhaps a partial one.
const tilesOf = (level, count) =>
  Array.from({ length: Math.ceil(count / WIDTH) }, (_, index) => {
    const width = Math.min(WIDTH, count - index * WIDTH);
    return { path: tilePath(level, index, width), width };
  });

function readBundle(bytes, { path, width }) {
  const entries = [];
  let at = 0;
  while (at < bytes.length) {
    must(at + 2 <= bytes.length, `${path}: cut off`);
    const length = bytes.readUInt16BE(at);
    const entry = bytes.subarray(at + 2, at + 2 + length);
    const isOpaque = length === 65 && entry[0] === 0;
    const isPublic = length === 33 && entry[0] === 1;
    must(entry.length === length && (isOpaque || isPublic), `${path}: an entry of neither form`);
    entries.push(entry);
    at += 2 + length;
  }
  must(entries.length === width, `${path}: ${entries.length} entries`);
  return entries;
}

function readHashes(bytes, { path, width }) {
  must(bytes.length === width * 32, `${path}: ${bytes.length} bytes`);
  return Array.from({ length: width }, (_, at) => bytes.subarray(at * 32, at * 32 + 32));
}

// RFC 6962 over what the tiles say: level L holds the roots of complete trees of 256^L leaves.
class Tree {
  constructor(levels) {
    this.levels = levels;
    this.perfect = new Map();
  }

  // Root of the complete tree of 2^height leaves that begins at leaf `index` · 2^height.
  complete(height, index) {
    if (height % 8 === 0) return this.levels[height / 8][index];
    const key = `${height} ${index}`;
    let hash = this.perfect.get(key);
    if (!hash) {
      hash = nodeHash(this.complete(height - 1, index * 2), this.complete(height - 1, index * 2 + 1));
      this.perfect.set(key, hash);
    }
    return hash;
  }

  // Root of the first `size` leaves: complete trees from the largest to the smallest, put together from the right.
  root(size) {
    if (size === 0) return sha256();
    const parts = [];
    let begin = 0;
    for (let height = 48; height >= 0; height--) {
      const leaves = 2 ** height;
      if (Math.floor(size / leaves) % 2 === 0) continue;
      parts.push(this.complete(height, begin / leaves));
      begin += leaves;
    }
    return parts.reduceRight((right, left) => nodeHash(left, right));
  }
}

// tlog-proof

function readReceipt(bytes, index, entry, trust, where) {
  const text = bytes.toString("utf8");
  const end = text.indexOf("\n\n");
  must(end > 0, `${where}: no checkpoint in it`);
  const [header, ...lines] = text.slice(0, end).split("\n");
  must(header === "c2sp.org/tlog-proof@v1", `${where}: no receipt`);
  if (lines[0]?.startsWith("extra ")) base64(lines.shift().slice("extra ".length), where);
  must(lines.shift() === `index ${index}`, `${where}: of another entry`);
  const checkpoint = readCheckpoint(Buffer.from(text.slice(end + 2)), trust, where);
  must(index < checkpoint.size, `${where}: beyond its checkpoint`);
  // RFC 9162, 2.1.3.2.
  let [fn, sn, hash] = [index, checkpoint.size - 1, leafHash(entry)];
  for (const line of lines) {
    const sibling = base64(line, where);
    must(sibling.length === 32, `${where}: a hash of another length`);
    must(sn > 0, `${where}: a proof that is too long`);
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  must(sn === 0 && hash.equals(checkpoint.root), `${where}: does not lead to its checkpoint`);
  return checkpoint;
}

// The source: a folder of files, or a server.

async function get(source, path) {
  if (!/^https?:/.test(source)) {
    const file = join(source, path);
    return existsSync(file) ? readFileSync(file) : undefined;
  }
  const answer = await fetch(`${source.replace(/\/$/, "")}/${path}`);
  if (answer.status === 404) return undefined;
  must(answer.ok, `${path}: answered ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

// Reads all of these, in their order.
async function all(source, items, read) {
  const results = new Array(items.length);
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const at = next++;
      const bytes = await get(source, items[at].path);
      must(bytes, `${items[at].path}: missing`);
      results[at] = read(bytes, items[at]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}

// The checkpoint of every step up to the newest: each is a beginning of the log.
async function readSteps(source, stepSeconds, newest, trust, tree) {
  let [count, before] = [0, newest];
  const furthest = newest.time + DATED_WITHIN;
  for (let step = Math.floor(furthest / stepSeconds); step >= 0; step--) {
    const path = `log/step/${step}`;
    const bytes = await get(source, path);
    if (!bytes && count > 0) return count;
    must(bytes || step * stepSeconds > newest.time - DATED_WITHIN, `${path}: missing`);
    if (!bytes) continue;
    const checkpoint = readCheckpoint(bytes, trust, path);
    if (checkpoint.size > newest.size) continue;
    must(checkpoint.size <= before.size && checkpoint.time <= before.time, `${path}: larger than a later step`);
    must(tree.root(checkpoint.size).equals(checkpoint.root), `${path}: of another history`);
    [count, before] = [count + 1, checkpoint];
  }
  return count;
}

async function main() {
  const options = Object.fromEntries(["policy", "step-s", "receipts"].map((name) => [name, { type: "string" }]));
  const { positionals, values } = parseArgs({ options, allowPositionals: true });
  const [source, rootFile] = positionals;
  must(rootFile, "usage: node read_log.mjs SOURCE root.json [--policy FILE] [--step-s SECONDS] [--receipts COUNT]");
  const root = JSON.parse(readFileSync(rootFile, "utf8"));
  const trust = {
    origin: root.origin,
    logKey: verifierKey(root.log_key),
    policy: readPolicy(values.policy ? readFileSync(values.policy, "utf8") : root.policy),
  };
  const isOurs = ({ name, id }) => name === trust.logKey.name && id.equals(trust.logKey.id);
  must(trust.logKey.type === LOG_KEY && trust.policy.logs.some(isOurs), "policy: it is of another log");

  const note = await get(source, "log/checkpoint");
  must(note, "log/checkpoint: missing");
  const checkpoint = readCheckpoint(note, trust, "log/checkpoint");
  const { size } = checkpoint;

  const entries = (await all(source, tilesOf("entries", size), readBundle)).flat();
  const levels = [];
  for (let count = size; count > 0; count = Math.floor(count / WIDTH)) {
    levels.push((await all(source, tilesOf(levels.length, count), readHashes)).flat());
  }
  entries.forEach((entry, index) => {
    must(leafHash(entry).equals(levels[0][index]), `entry ${index}: its hash in the tiles is another`);
  });
  const tree = new Tree(levels);
  levels.slice(1).forEach((hashes, at) => {
    // Of the hashes below, not of those that this level says.
    const below = new Tree(levels.slice(at, at + 1));
    hashes.forEach((hash, index) => {
      const computed = nodeHash(below.complete(7, index * 2), below.complete(7, index * 2 + 1));
      must(hash.equals(computed), `level ${at + 1}, hash ${index}: the tiles below lead to another`);
    });
  });
  must(tree.root(size).equals(checkpoint.root), "log/checkpoint: the tiles lead to another root");

  const steps = values["step-s"] ? await readSteps(source, Number(values["step-s"]), checkpoint, trust, tree) : 0;
  const receipts = Math.min(size, decimal(values.receipts ?? "0", "--receipts"));
  const places = Array.from({ length: receipts }, (_, at) => {
    const index = receipts > 1 ? Math.round((at * (size - 1)) / (receipts - 1)) : 0;
    return { index, path: `log/proof/${index}` };
  });
  await all(source, places, (bytes, { index, path }) => {
    const under = readReceipt(bytes, index, entries[index], trust, path);
    // One that the log gave after it was read may be of a larger tree.
    must(under.size > size || tree.root(under.size).equals(under.root), `${path}: of another history`);
  });
  const isPublic = entries.filter((entry) => entry.length === 33).length;
  console.log(JSON.stringify({ size, public: isPublic, levels: levels.length, by: checkpoint.by, steps, receipts }));
}

try {
  await main();
} catch (error) {
  console.error(`✗ ${error instanceof Fault ? error.message : error.stack}`);
  process.exit(1);
}
