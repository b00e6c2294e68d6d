// What the module needs to check the council: every public statement of three kinds with its proof, and the newest
// checkpoint.

const KINDS = ["council", "drop", "greeting"];

/** @param {import("./net.js").Net} net */
export async function statements(net) {
  /** @type {string[][]} */
  const lists = await Promise.all(KINDS.map(async (kind) => (await net.ask(`/api/v1/public/index/${kind}`)).json()));
  return Promise.all(
    lists.flat().map(async (digest) => {
      const [envelope, proof] = await Promise.all([
        net.ask(`/api/v1/public/${digest}`),
        net.ask(`/api/v1/public/${digest}/proof`),
      ]);
      return { envelope: await envelope.text(), proof: await proof.text() };
    }),
  );
}

/** The checkpoint and, as a second opinion on this device's clock, the service's time in seconds (0: not told).
 * @param {import("./net.js").Net} net */
export async function checkpoint(net) {
  const answer = await net.ask("/log/checkpoint");
  const served = Date.parse(answer.headers.get("date") ?? "");
  return { note: await answer.text(), served: Number.isNaN(served) ? 0 : Math.floor(served / 1000) };
}
