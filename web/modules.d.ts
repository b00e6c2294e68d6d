// What `cargo xtask wasm` makes beside the scripts, as crates/wasm-* export it; it need not be there for them to be checked.

/** What both modules that seal export, of `wasm_sealing`. */
declare namespace sealing {
  class Sealer {
    code(): string;
    open_file(name: string, media_type: string, date: string, size: number): Uint8Array;
    push(bytes: Uint8Array, into: Uint8Array): number;
    close_file(): Uint8Array;
    file_digest(): string;
    keep_file(): void;
    keep_copy(): void;
    seal(input: string, device: number): SealedFiling;
  }
  class ChunkSize {
    static most(): number;
    bytes(): number;
    taken(took_ms: number): void;
    broke(): void;
    refused(sent: number): boolean;
  }
  class UploadWork {
    static begin(offer: string, name: Uint8Array): UploadWork;
    search(start: number, tries: number): boolean;
    header(): string;
    free(): void;
  }
  class SealedFiling {
    offer(offer: string): void;
    search(start: number, tries: number): boolean;
    body(): Uint8Array<ArrayBuffer>;
    content_type(): string;
    promised(note: Uint8Array, now: number): number;
    code(): string;
    free(): void;
  }
  interface Module {
    ChunkSize: typeof ChunkSize;
    UploadWork: typeof UploadWork;
    fits(sizes: Float64Array, large: boolean): boolean;
    sealed_size(size: number): number;
  }
}

/** Every module: its own file is fetched from there. */
type Begin = (from: { module_or_path: URL }) => Promise<unknown>;

declare module "*/declare.js" {
  const begin: Begin;
  export default begin;
  export class TrustedCouncil {
    static check(
      root: string,
      shown: string,
      checkpoint: string,
      device: number,
      built: number,
      served: number,
      seen: number,
    ): TrustedCouncil;
    time(): number;
    members(): string;
    sealer(
      words: Words,
      c: number,
      left_out: Uint16Array,
      lapse: number | undefined,
      allowed: number,
      ask_me_after: number,
      each_act: boolean,
    ): sealing.Sealer;
    greet(sealer: sealing.Sealer, words: Words): void;
    free(): void;
  }
  export class Words {
    static draw(): Words;
    static of(entropy: Uint8Array): Words;
    text(language: "es" | "en"): string;
  }
  export const ChunkSize: sealing.Module["ChunkSize"];
  export const UploadWork: sealing.Module["UploadWork"];
  export const fits: sealing.Module["fits"];
  export const sealed_size: sealing.Module["sealed_size"];
}

/** Only workers have it. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

declare module "*/scrub.js" {
  const begin: Begin;
  export default begin;
  export class Copy {
    free(): void;
    static of(size: number, read: (at: number, length: number) => Uint8Array): Copy;
    size(): number;
    pieces(): (Uint8Array<ArrayBuffer> | [number, number])[];
  }
}

declare module "*/identifiers.js" {
  const begin: Begin;
  export default begin;
  export function normal(kind: string, of: string | undefined, text: string): string;
}

declare module "*/draft.js" {
  const begin: Begin;
  export default begin;
  export class DraftPage {
    constructor(origin: string);
    static unknown(places: string[]): string;
    static unread(words: string): string;
    draw(): boolean;
    open(words: string): boolean;
    words(language: "es" | "en"): string;
    entropy(): Uint8Array;
    begin(act: string): void;
    answer(status: number, next: number, date: number, body: Uint8Array): void;
    turn(now: number): string;
    body(place: number): Uint8Array<ArrayBuffer>;
  }
}

declare module "*/return.js" {
  const begin: Begin;
  export default begin;
  export class ReturnPage {
    constructor(root: string, built: number);
    static unknown(places: string[]): string;
    static unread(words: string): string;
    open(words: string, since: string): boolean;
    draw(): string;
    begin(act: string): void;
    answer(status: number, next: number, date: number, body: Uint8Array): void;
    turn(now: number): string;
    view(): string;
    add(first: string, skip: number, is_large: boolean): sealing.Sealer;
    code_is_spent(): void;
    added(until: number): void;
    body(place: number): Uint8Array<ArrayBuffer>;
    progress(): number;
  }
  export const ChunkSize: sealing.Module["ChunkSize"];
  export const UploadWork: sealing.Module["UploadWork"];
  export const fits: sealing.Module["fits"];
  export const sealed_size: sealing.Module["sealed_size"];
}

declare module "*/desk.js" {
  const begin: Begin;
  export default begin;
  export class DeskPage {
    constructor(root: string, built: number);
    unlock(file: Uint8Array, passphrase: string): void;
    preview(act: string): string;
    made_public(act: string): string;
    begin(act: string, file: Uint8Array): void;
    answer(status: number, next: number, date: number, body: Uint8Array): void;
    turn(now: number): string;
    body(place: number): Uint8Array<ArrayBuffer>;
    progress(): number;
    shown(place: number): string;
    shown_file(place: number, file: number): Uint8Array<ArrayBuffer>;
    templates(): string;
    record(place: number): string;
    drafted_request(): string;
    request_file(request: string): Uint8Array<ArrayBuffer>;
    case_file(held: string): Uint8Array<ArrayBuffer>;
  }
}

declare module "*/counsel.js" {
  const begin: Begin;
  export default begin;
  export function vocabulary(): string;
  export function search(words: string): string;
  export function assess(told: string, record: string, account: string): string;
  export function report(
    kind: string,
    told: string,
    record: string,
    account: string,
    beside: string,
    form: string,
    paper: string,
  ): Uint8Array<ArrayBuffer>;
}
