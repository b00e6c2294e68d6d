// Which files a browser may be asked to show: pictures, sounds and films, under all the names that phones give them. None of
// these types runs anything; all else is saved only.

const IMAGES = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/bmp", "image/heic"];
const SOUNDS = [
  "audio/ogg",
  "audio/mpeg",
  "audio/mp4",
  "audio/wav",
  "audio/webm",
  "audio/aac",
  "audio/flac",
  "audio/3gpp",
  "audio/amr",
];
const FILMS = ["video/mp4", "video/webm", "video/ogg", "video/3gpp", "video/quicktime"];
/** @type {["img" | "audio" | "video", string[]][]} */
const ELEMENTS = [
  ["img", IMAGES],
  ["audio", SOUNDS],
  ["video", FILMS],
];

// Other names of the same, and the endings of files that came without a type.
const NAMES = {
  "image/jpeg": "image/jpg image/pjpeg image/x-jpeg .jpg .jpeg .jfif",
  "image/png": "image/x-png image/apng .png",
  "image/webp": "image/x-webp .webp",
  "image/gif": ".gif",
  "image/avif": "image/avif-sequence .avif",
  "image/bmp": "image/x-bmp image/x-ms-bmp .bmp",
  "image/heic": "image/heif image/heic-sequence image/heif-sequence image/x-heic .heic .heif",
  "audio/ogg": "audio/opus audio/x-ogg application/ogg audio/vorbis .ogg .oga .opus",
  "audio/mpeg": "audio/mp3 audio/x-mp3 audio/x-mpeg audio/mpeg3 audio/x-mpeg-3 audio/mpg .mp3",
  "audio/mp4": "audio/x-m4a audio/m4a audio/x-mp4 audio/mp4a-latm audio/x-m4b .m4a .m4b",
  "audio/wav": "audio/x-wav audio/wave audio/vnd.wave audio/x-pn-wav .wav",
  "audio/webm": ".weba",
  "audio/aac": "audio/x-aac audio/aacp audio/x-hx-aac-adts audio/vnd.dlna.adts .aac",
  "audio/flac": "audio/x-flac .flac",
  "audio/3gpp": "audio/3gp audio/3gpp2 audio/x-3gpp .3ga",
  "audio/amr": "audio/amr-wb audio/x-amr .amr",
  "video/mp4": "video/x-m4v video/x-mp4 application/mp4 .mp4 .m4v",
  "video/webm": "video/x-webm .webm",
  "video/ogg": "video/x-ogg video/theora .ogv",
  "video/3gpp": "video/3gp video/3gpp2 video/3gp2 video/x-3gpp .3gp .3gpp .3g2",
  "video/quicktime": "video/x-quicktime video/mov .mov .qt",
};
const KNOWN = new Map(
  Object.entries(NAMES).flatMap(([type, names]) => [type, ...names.split(" ")].map((name) => [name, type])),
);
// What says nothing of a type.
const SAYS_NOTHING = ["", "application/octet-stream", "binary/octet-stream", "application/x-unknown"];

/** The element and the type that a file is shown with, or nothing.
 * @param {string} mediaType
 * @param {string} name */
export function kindOf(mediaType, name) {
  const told = mediaType.split(";")[0].trim().toLowerCase();
  const ending = /\.[a-z0-9]+$/.exec(name.trim().toLowerCase())?.[0] ?? "";
  const type = KNOWN.get(told) ?? (SAYS_NOTHING.includes(told) ? KNOWN.get(ending) : undefined);
  const found = ELEMENTS.find(([, types]) => type !== undefined && types.includes(type));
  return found && type ? { as: found[0], type } : null;
}

/** @type {Record<string, string>} */
const WHY = { "image/heic": "desk-opened-heic", "video/quicktime": "desk-opened-mov" };

/** The message that says why it is not shown, and how to look at it.
 * @param {string} type */
export const whyNot = (type) => WHY[type] ?? "desk-opened-cannot";
