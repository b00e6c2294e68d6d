// Several calls at once, answers in their order.

const LANES = 8;

/** @template T
 * @param {number} count
 * @param {(place: number) => Promise<T>} send
 * @returns {Promise<T[]>} */
export async function inLanes(count, send) {
  const answers = new Array(count);
  let place = 0;
  const lane = async () => {
    while (place < count) {
      const mine = place;
      place += 1;
      answers[mine] = await send(mine);
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, count) }, lane));
  return answers;
}

/** What the module is given of an answer.
 * @param {Response} response */
export async function taken(response) {
  const next = response.headers.get("Resguardo-Next");
  const date = Date.parse(response.headers.get("date") ?? "");
  return {
    status: response.status,
    next: next === null ? -1 : Number(next),
    date: Number.isNaN(date) ? -1 : Math.floor(date / 1000),
    body: new Uint8Array(await response.arrayBuffer()),
  };
}
