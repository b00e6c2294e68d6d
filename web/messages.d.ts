// What pages and their workers tell each other, and what scripts hand on among themselves.

/** A row in a list of states. */
type RowState = "wait" | "now" | "done";
/** Why a request waits. */
type Why = "offline" | "server" | "busy" | "full";

/** Begins a worker: root of trust, when the page was built (POSIX seconds), address of the module. */
interface BeginMessage {
  do: "begin";
  root: string;
  built: number;
  module: string;
  /** Whether it is of plain JavaScript, for a browser without WebAssembly. */
  isPlain: boolean;
}
interface NowMessage {
  do: "now";
}

/** Told by every worker of hers. */
type NetTold = { is: "waiting"; why: Why; seconds: number } | { is: "going" };

/** The worker that files. */
declare namespace declaring {
  /** Whom she leaves out, and days of silence after which it may be opened; 0: never; nothing: nobody asks her. */
  interface Choices {
    leftOut: number[];
    lapse: number | undefined;
    /** What it may be used for: a bit for each of `Use::ALL`. */
    allowed: number;
    /** So many accounts name the same person before she is asked; 0: she has no such wish. */
    askAfter: number;
    /** Whether each act on it is published, weeks later; else numbers alone. */
    eachAct: boolean;
    /** What the words stand for that she has of a draft; else new ones are drawn. */
    entropy: Uint8Array | undefined;
    /** Whether she has other words given to her, whose inbox holds nothing. */
    decoy: boolean;
  }
  /** `sealing::TestimonyInput`. */
  interface TestimonyInput {
    account: string;
    identity: string;
    language: string;
    danger: boolean;
    interpreter: boolean;
    /** Answers of the form as JSON, by field. */
    answers: string;
    soon: boolean;
  }
  interface Seal extends Choices, sealing.Content {
    do: "seal";
  }
  /** She comes to whom she names: what reads identifiers is fetched. */
  interface Identifiers {
    do: "identifiers";
  }
  /** How a text is read; `of`: the state of a plate or the service of a handle. */
  interface Identify {
    do: "identify";
    row: number;
    kind: string;
    of: string | undefined;
    text: string;
  }
  /** Its normal form, or the code of why it has none; neither where nothing can read it. */
  interface Identified {
    row: number;
    of: string | undefined;
    text: string;
    normal: string | undefined;
    why: string | undefined;
  }
  type Asked = BeginMessage | NowMessage | sealing.Fits | Seal | Identifiers | Identify;

  /** The bytes of a copy without place and time; or why there is none: the code of `scrub::NoCopy`, `plain`, or `no-module`. */
  type Cleaned = { size: number } | { why: string };
  /** Whether the files fit, all and each alone, with their copies; what becomes of each; how much is sent; how many fit and how
   * large one may be. */
  interface Room {
    fits: boolean;
    /** They fit only with an upload code. */
    isLarge: boolean;
    bytes: number;
    alone: boolean[];
    copies: Cleaned[];
    files: number;
    most: number;
  }
  type Told =
    | NetTold
    | { is: "council"; members: council.Members; slow: number }
    | ({ is: "room" } & Room)
    | ({ is: "identifier" } & Identified)
    | sealing.Told
    | ({ is: "words" | "decoy" } & Fingerprint)
    | ({ is: "promised" } & sealing.Promised)
    | { is: "refused"; code: string; at: Asked["do"]; file: number };
}

/** What sealing takes and tells. */
declare namespace sealing {
  interface Content {
    /** `sealing::TestimonyInput` as JSON. */
    input: string;
    files: File[];
    /** Which carry nothing beside what they are, and need no copy. */
    plain: boolean[];
    onlyCopies: boolean;
  }
  /** Asks whether files fit, with their copies or, with `onlyCopies`, these alone; `large`: with an upload code. */
  interface Fits {
    do: "fits";
    files: File[];
    plain: boolean[];
    onlyCopies: boolean;
    large?: boolean;
  }
  /** By when it is in the log, POSIX seconds. */
  interface Promised {
    code: string;
    deadline: number;
  }
  type Told = { is: "state"; name: string; state: RowState } | { is: "sent"; done: number; total: number };
}

/** The worker of her draft. */
declare namespace drafting {
  /** What she has written and chosen, by the name of the field. */
  interface Draft {
    saved: number;
    fields: Record<string, string>;
  }
  interface Words extends Fingerprint {
    entropy: Uint8Array;
  }
  interface Verbs {
    begin: BeginMessage;
    now: NowMessage;
    unknown: { do: "unknown"; words: string[] };
    draw: { do: "draw" };
    open: { do: "open"; words: string };
    save: { do: "save"; fields: Record<string, string> };
    erase: { do: "erase" };
  }
  type Asked = Verbs[keyof Verbs];
  type Told =
    | NetTold
    | { is: "deriving" | "saved" }
    | { is: "unknown"; words: inbox.Unknown[] }
    | { is: "unread"; why: inbox.Unread }
    | ({ is: "words" } & Words)
    | { is: "found"; draft: Draft | null }
    | { is: "failed" | "broken"; code: string };
}

/** A page of a module whose acts are done turn by turn. */
interface ActingPage {
  begin(act: string): void;
  answer(status: number, next: number, date: number, body: Uint8Array): void;
  turn(now: number): string;
  body(place: number): Uint8Array<ArrayBuffer>;
}

/** The worker of her inbox. */
declare namespace returning {
  /** `wasm_return::Act`. */
  interface Act {
    act: "refresh" | "object" | "consent" | "withdraw" | "alive" | "say" | "ask" | "new-words";
    request?: string;
    case?: string;
    yes?: boolean;
    text?: string;
  }
  /** An act, with what the page says of it. */
  interface Sending extends Act {
    act: Exclude<Act["act"], "refresh">;
    case?: string;
    who?: string;
    what?: string;
  }
  interface Adding {
    act: "add";
    case: string;
  }
  interface Verbs {
    now: NowMessage;
    unknown: { do: "unknown"; words: string[] };
    open: { do: "open"; words: string; since: string };
    draw: { do: "draw"; opens: boolean };
    act: { do: "act"; act: Act };
    fits: sealing.Fits;
    add: { do: "add"; case: string } & sealing.Content;
  }
  type Asked = BeginMessage | Verbs[keyof Verbs];
  interface Failed {
    code: string;
    act: Act["act"];
    view: inbox.View;
  }
  type Told =
    | NetTold
    | { is: "ready" | "deriving" | "reading" }
    | ({ is: "words" } & Fingerprint)
    | { is: "unknown"; words: inbox.Unknown[] }
    | { is: "unread"; why: inbox.Unread }
    | { is: "progress"; share: number }
    | { is: "view"; view: inbox.View; act: Act["act"] | "add" }
    | ({ is: "room" } & declaring.Room)
    | sealing.Told
    | { is: "refused"; code: string; file: number }
    | ({ is: "failed" } & Failed)
    | { is: "broken"; code: string };
}

/** A request as `Net` makes it: how long an answer may take (ms), and whether it asks for less after a cut. */
interface Asking extends RequestInit {
  patience?: number;
  isPiece?: boolean;
}

/** What `h` takes: a listener, a text, or nothing. */
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: Event) => unknown)>;
/** What stands within an element; nothing and false are left out. */
type Child = Node | string | number | boolean | null | undefined | readonly Child[];

/** A worker that takes these messages and no others. */
interface WorkerOf<Asked> {
  postMessage(asked: Asked): void;
  terminate(): void;
}

/** The desk and its worker. */
declare namespace desk {
  /** `client::SeatAct` and `ReaderAct`: its name and its fields. */
  interface Act {
    act: string;
    [field: string]: unknown;
  }
  /** What came of an act, and all there is to show. */
  interface Outcome {
    done: Done | Done[] | null;
    view: View;
  }
  interface Verbs {
    start: { root: string; built: number };
    unlock: { file: Uint8Array; passphrase: string };
    act: { act: Act; file?: Uint8Array };
    preview: { act: Act };
    madePublic: { act: Act };
    keep: { act: Act };
    shown: { place: number };
    file: { place: number; file: number };
    record: { place: number };
    templates: object;
    requestFile: { request: string };
    caseFile: { held: string };
  }
  interface Answers {
    start: undefined;
    unlock: undefined;
    act: Outcome;
    preview: string;
    madePublic: MadePublic[];
    keep: { lines: string; request: string; file: Bytes };
    shown: Document;
    file: Blob;
    record: string;
    templates: Template[];
    requestFile: Bytes;
    caseFile: Bytes;
  }
  /** `client::Template`. */
  interface Template {
    name: string;
    language: "es" | "en";
    text: string;
  }
  type Bytes = Uint8Array<ArrayBuffer>;
  type Asked = { [Verb in keyof Verbs]: { id: number; verb: Verb } & Verbs[Verb] }[keyof Verbs];
  type Told =
    | { progress: number }
    | { id: number; value: Answers[keyof Answers]; failure?: undefined }
    | { id: number; failure: Failure };
  /** Asks the worker. */
  type Ask = <Verb extends keyof Verbs>(verb: Verb, data: Verbs[Verb]) => Promise<Answers[Verb]>;

  /** What can be pressed. */
  interface Acts {
    held(id: string): Case | undefined;
    attend(task: OfCase): void;
    stands(task: OfCase): void;
    write(task: HandleOf): void;
    enlarge(task: HandleOf): void;
    answer(ask: Question): void;
    putAway(ask: Question): void;
    lapse(task: HandleOf, step: "inquiry" | "decide"): void;
    decline(task: HandleOf): void;
    erase(task: HandleOf): void;
    routine(): void;
    institution(x: number): string;
    hasKey(request: string): boolean;
    look(request: string): void;
    ack(tasks: TaskOf<"ack">[]): void;
    reject(item: { id: string; check: string }): void;
    take(n: number): void;
    refer(held: Case): void;
    ask(told: Referred): void;
    again(request: string): void;
    decide(task: OfRequest & { parts: number[] }, how: "grant" | "part" | "refuse"): void;
    object(task: OfRequest): void;
    release(task: OfRequest): void;
    finding(task: OfRequest): void;
    aid(task: OfRequest & Partial<Tasks["aid"]>): void;
    open(task: OfRequest): void;
  }
  interface HandleOf {
    case: string;
    code: string;
  }
  interface OfRequest {
    case: string;
    code: string;
    request: string;
  }

  /** A row of the queue: what, until when, and the one thing to press. */
  interface Line {
    text: string;
    when: string;
    press?: HTMLElement | (HTMLElement | false)[] | false;
    /** What is read before it is pressed. */
    more?: Child;
  }

  /** A field of a sheet, by its kind. */
  type Field = { id: string; label: string } & (
    | { kind: "select"; options: [string | number, string][] }
    | { kind: "checks"; options: [number, string, boolean][] }
    | { kind: "text" }
    /** Several lines, with texts that are ready: name and text. */
    | { kind: "message"; templates: [string, string][] }
    | { kind: "check" }
    | { kind: "day"; value?: string }
  );
  /** What was filled in, by the field's id. */
  type Values = Record<string, string | string[] | boolean | null>;
  /** The file that was saved before its act is signed. */
  interface Saved {
    name: string;
    save: () => void;
  }
  interface Sheet {
    text: string;
    /** What is done, a line each. */
    lines?: string[];
    fields?: Field[];
    /** The failure after which it may be signed even so. */
    otherwise?: { code: string; text: string; press: string } | null;
    /** What the act makes public; nothing where it files what others signed. */
    publishes?: ((values: Values) => Promise<MadePublic[]>) | null;
    /** The statements as they will be signed; nothing where there are none to show. */
    preview?: ((values: Values) => Promise<string>) | null;
    keep?: ((values: Values) => Promise<Saved & { lines: string }>) | null;
    before?: (() => Promise<unknown> | undefined) | null;
  }
}
