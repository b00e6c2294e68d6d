// Measured in the page itself, with the module and the scripts that it loads. A function body: the arguments are what
// to measure, how often or how much, and the function that takes the answer.
// biome-ignore lint/complexity/noArguments: a function body has no other way to its arguments
const [what, amount, done] = arguments;
const way = document.getElementById("way").dataset;
const folder = new URL(".", new URL(way.module, location.href)).href;
const load = (name) => import(folder + name);
const wanted = JSON.stringify({ account: "Fue en marzo, había un letrero azul. ".repeat(110) });
const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)];
const PIECE = 1 << 20;
const TRIES = 200_000;

async function trusted(core) {
  const { Net } = await load("net.js");
  const { statements, checkpoint } = await load("trust.js");
  const net = new Net(
    () => {},
    () => {},
  );
  const shown = JSON.stringify(await statements(net));
  const { note, served } = await checkpoint(net);
  return core.TrustedCouncil.check(way.root, shown, note, Date.now() / 1000, 0, served);
}

function noise(size) {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65_536, size)));
  return bytes;
}

async function arithmetic(rounds) {
  const core = await load("declare.js");
  const { memory } = await core.default({ module_or_path: new URL("declare_bg.wasm", folder) });
  const council = await trusted(core);
  const took = { begin: [], seal: [] };
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    const sealer = council.sealer(core.Words.draw(), round, new Uint16Array());
    const begun = performance.now();
    sealer.seal(wanted, Date.now() / 1000).free();
    took.seal.push(performance.now() - begun);
    took.begin.push(begun - start);
  }
  const before = memory.buffer.byteLength;
  const sealer = council.sealer(core.Words.draw(), rounds, new Uint16Array());
  const pieces = 48;
  const piece = noise(PIECE);
  const start = performance.now();
  sealer.open_file("film.mp4", "video/mp4", "2026-11-20", pieces * PIECE);
  const sealed = new Uint8Array(PIECE + (128 << 10));
  for (let index = 0; index < pieces; index += 1) sealer.push(piece, sealed);
  sealer.close_file();
  const seconds = (performance.now() - start) / 1000;
  return {
    argon_ms: median(took.begin),
    seal_ms: median(took.seal),
    evidence_mb_s: (pieces * PIECE) / 1e6 / seconds,
    module_grew_mib: (memory.buffer.byteLength - before) / PIECE,
    module_mib: memory.buffer.byteLength / PIECE,
  };
}

// Hashes a second in a search for work that finds nothing: the best of all rounds, for the machine may have other work.
async function hashcash(rounds) {
  const core = await load("declare.js");
  await core.default({ module_or_path: new URL("declare_bg.wasm", folder) });
  const offer = { nonce: "00".repeat(16), bits: 64, expires: Math.floor(Date.now() / 1000) + 3600 };
  const work = core.UploadWork.begin(JSON.stringify(offer), noise(32));
  let best = 0;
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    if (work.search(round * TRIES, TRIES)) throw new Error("64 bits were found");
    best = Math.max(best, TRIES / ((performance.now() - start) / 1000));
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return best;
}

// One filing by the real worker, with one file; when each of its states began and ended, in milliseconds since 1970.
async function filing(pieces) {
  const file = new File(
    Array.from({ length: pieces }, () => noise(PIECE)),
    "film.mp4",
    { type: "video/mp4" },
  );
  const worker = new Worker(way.worker, { type: "module" });
  const at = {};
  const end = new Promise((resolve, reject) => {
    worker.onerror = () => reject(new Error("the worker ended"));
    worker.onmessage = ({ data }) => {
      if (data.is === "council") {
        worker.postMessage({ do: "seal", telling: wanted, files: [file], leftOut: [] });
      }
      if (data.is === "state") at[`${data.name}-${data.state}`] = performance.timeOrigin + performance.now();
      if (data.is === "refused") reject(new Error(`refused: ${data.code}`));
      if (data.is === "promised") resolve(at);
    };
  });
  worker.postMessage({ do: "begin", root: way.root, built: 0, module: new URL(way.module, location.href).href });
  try {
    return await end;
  } finally {
    worker.terminate();
  }
}

// Bytes on the wire of the page with all that it loads by itself, and of each module.
async function weight() {
  const sizes = new Map();
  async function weigh(url) {
    if (sizes.has(url)) return;
    sizes.set(url, 0);
    const answer = await fetch(url, { cache: "no-store" });
    const text = await answer.text();
    sizes.set(url, performance.getEntriesByName(url).at(-1).encodedBodySize);
    for (const [, name] of text.matchAll(/ from "\.\/([\w.]+)"/g)) await weigh(new URL(name, url).href);
  }
  performance.clearResourceTimings();
  await weigh(location.href.split("#")[0]);
  for (const { href } of document.querySelectorAll("link[href^='/a/']")) await weigh(href);
  for (const { src } of document.querySelectorAll("script[src]")) await weigh(src);
  const page = sizes.values().reduce((sum, size) => sum + size, 0);
  await weigh(new URL(way.worker, location.href).href);
  const worker = sizes.values().reduce((sum, size) => sum + size, 0) - page;
  const modules = {};
  for (const name of ["declare", "desk"]) {
    const url = `${folder}${name}_bg.wasm`;
    const answer = await fetch(url, { cache: "no-store" });
    await answer.arrayBuffer();
    modules[name] = answer.ok ? performance.getEntriesByName(url).at(-1).encodedBodySize : 0;
  }
  return { page, worker, modules };
}

({ arithmetic, filing, hashcash, weight })[what](amount).then(
  (answer) => done({ answer }),
  (error) => done({ error: String(error) }),
);
