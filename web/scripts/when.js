// Days and times as this device has them, and always with the offset that they are in.

const two = (/** @type {number} */ number) => String(Math.trunc(number)).padStart(2, "0");

/** RFC 3339 with the offset that held at that time: `2026-03-10T20:00:00-06:00`.
 * @param {Date} date */
export function localTime(date) {
  const ahead = -date.getTimezoneOffset();
  const offset = `${ahead < 0 ? "-" : "+"}${two(Math.abs(ahead) / 60)}:${two(Math.abs(ahead) % 60)}`;
  return new Date(date.getTime() + ahead * 60_000).toISOString().replace(/\.\d+Z$/, offset);
}

/** The newest months first, this one among them: in words, and as `2026-11`.
 * @param {string} language
 * @param {number} count
 * @returns {[string, string][]} */
export function monthsBack(language, count) {
  const words = new Intl.DateTimeFormat(language, { month: "long", year: "numeric", timeZone: "UTC" });
  const now = new Date();
  return Array.from({ length: count }, (_, back) => {
    const first = new Date(Date.UTC(now.getFullYear(), now.getMonth() - back));
    return [words.format(first), first.toISOString().slice(0, 7)];
  });
}

/** Writes a time in words with the offset that held then: «10 de marzo de 2026 (UTC-6)».
 * @param {string} language
 * @param {Intl.DateTimeFormatOptions} parts */
export function zoned(language, parts) {
  const words = new Intl.DateTimeFormat(language, parts);
  const zone = new Intl.DateTimeFormat(language, { timeZoneName: "shortOffset" });
  return (/** @type {Date} */ date) => {
    const offset = zone.formatToParts(date).find(({ type }) => type === "timeZoneName");
    return `${words.format(date)} (${offset?.value.replace("GMT", "UTC").replace(/\+0$/, "")})`;
  };
}
