// What modules hand over as JSON, named as the structs of Rust that it is made of.

/** `client::Failure`: a code, and what its sentence names. */
interface Failure {
  code: string;
  detail?: string;
  /** POSIX seconds. */
  from?: number | null;
  /** POSIX seconds. */
  until?: number;
  [about: string]: unknown;
}

/** `client::wire::Call`, or a pause in seconds. */
interface Call {
  method: "GET" | "POST";
  path: string;
  headers: [string, string][];
}
interface Pause {
  pause: number;
}

/** A text in both languages. */
interface InWords {
  es: string;
  en: string;
}

/** Eight words in both lists. */
type Fingerprint = InWords;

/** `casework::RequestStatus`. */
interface RequestStatus {
  status: "deciding" | "waiting" | "releasing" | "released" | "opened" | "reported" | "lapsed" | "dead";
  until?: number;
  since?: number;
  opened_by?: number;
  report_by?: number;
  ends_at?: number;
}

/** `protocol::statement`: the closed lists that scripts name. */
type Refusal = "no-basis" | "policy" | "other";
type Use = "interview" | "support" | "authority" | "organisation" | "statistics" | "research";
/** Her choice of what is published of what is done: each act, weeks later, or numbers alone. */
type Docket = "normal" | "counts-only";
type AidStatus = "offered" | "accepted" | "declined" | "delivered";

/** `sealing::TrustedCouncil`: the council as her page shows it. */
declare namespace council {
  interface Seat {
    x: number;
    institution: string;
    jurisdiction: string;
  }
  interface Members {
    seats: Seat[];
    account: number;
    identity: number;
    may_leave_out: number;
    lapse: number[];
    concentrated: boolean;
    demo: boolean;
    clock: "right" | "behind" | "ahead";
    fingerprint: Fingerprint;
  }
}

/** `wasm_desk::view`: what the desk shows. */
declare namespace desk {
  interface Named {
    x: number;
    institution: string | null;
  }

  interface View {
    member: Member;
    log: Log;
    tasks: Task[];
    next: { at: number; code: string; what: string } | null;
    deliveries: Delivery[];
    cells: Cell[];
    /** Questions without a filing that wait for an answer. */
    asks: Question[];
    routine: Step[];
    /** What its holder should see to, by names that stay. */
    waiting: string[];
    cases: Case[];
    readers: Named[];
    referred: Referred[];
    opened: Opened[];
  }

  /** `CellView`. */
  /** `client::AskView`. */
  interface Question {
    statement: string;
    day: string;
    n: number;
    inbox: string;
    text: string;
  }

  interface Cell {
    code: string;
    name: string;
    asked: {
      reader: number;
      institution: string | null;
      purpose: string;
      basis: string;
      compartments: number[];
      urgent: boolean;
    } | null;
    statement: string;
  }

  interface Member {
    x: number;
    office: "seat" | "reader";
    institution: string | null;
    epoch: number | null;
    account: number | null;
    identity: number | null;
    seats: number | null;
    objection_s: number | null;
    key: Fingerprint;
    council: Fingerprint | null;
  }

  interface Log {
    size: number;
    time: number;
    origin: string;
    demo: boolean;
    clock: Clock;
    step_s: number | null;
  }

  interface Clock {
    freshness: "fresh" | "clock-behind" | "from-future" | "too-old";
    by_s?: number;
    age_s?: number;
  }

  /** `casework::DeedState`: what a seat did about danger. */
  interface Deed {
    x: number;
    deed: "referred" | "attended";
    what?: Attention;
    reader?: number;
    until: number | null;
  }
  type Attention = "wrote" | "called" | "safe" | "no-danger" | "stands";

  /** A task by its own fields, which its name settles. */
  interface Tasks {
    danger: { by: number; is_overdue: boolean; contradicted_by: number[] };
    attended: Deed;
    ack: { by: number; is_overdue: boolean };
    refer: { readers: number[] };
    decide: {
      request: string;
      reader: number;
      compartments: number[];
      urgent: boolean;
      consent: boolean | null;
      by: number;
    };
    release: { request: string; compartments: number[]; since: number };
    wait: { request: string; not_now: Failure };
    "late-ack": { x: number };
    rejected: { x: number; check: string; index: number };
    breach: { index: number };
    omitted: { index: number; x: number; objection: number };
    withdrawn: { since: number; until: number; in_person: boolean };
    erase: { since: number; is_withdrawn: boolean };
    unfounded: { index: number; x: number; taken_back: number | null };
    inquire: { since: number };
    lapse: { since: number; decided: number; need: number };
    message: { by: number; is_overdue: boolean };
    gap: { index: number };
    gaps: { count: number; first: number; last: number };
    open: { request: string; compartments: number[]; by: number; is_overdue: boolean };
    finding: { request: string; by: number; is_overdue: boolean };
    aid: {
      request: string;
      measure: string;
      provider: string;
      status: AidStatus;
      due: string;
      is_overdue: boolean;
      by: number;
    };
    pending: { request: string; status: RequestStatus };
  }
  interface OfCase {
    case: string;
    code: string;
    danger: boolean;
    interpreter: boolean;
    sent: boolean;
  }
  type TaskOf<Name extends keyof Tasks> = { task: Name } & OfCase & Tasks[Name];
  type Task = { [Name in keyof Tasks]: TaskOf<Name> }[keyof Tasks];

  type Delivery =
    | { state: "holds"; id: string; code: string }
    | { state: "early"; id: string; check: string | null }
    | { state: "failed" | "told"; id: string; check: string };

  interface Case {
    id: string;
    code: string;
    filed_at: number;
    is_safe: boolean;
    danger: boolean;
    /** What of danger this seat may say now. */
    attend: Attention[];
    interpreter: boolean;
    parent: { case: string; code: string; adds: "proven" | "refuted" | "unknown" } | null;
    allowed: Use[];
    ask_me_after: number | null;
    docket: Docket;
    acks: (Named & { holds: boolean })[];
    may_ack: boolean;
    may_write: boolean;
    may_decline: boolean;
    refer: (Named & { sent: boolean })[];
    is_referred: boolean;
    compartments: number[];
    requests: Request[];
  }

  interface Request {
    digest: string;
    reader: number;
    institution: string | null;
    purpose: string;
    use: Use | null;
    is_allowed: boolean;
    basis: string;
    urgent: boolean;
    recipient: Fingerprint;
    compartments: Compartment[];
    seats: Seat[];
    logged_at: number;
    decide_by: number;
    object_by: number;
    statement: string | null;
    waits_until: number | null;
    objected: boolean;
    status: RequestStatus;
    not_now: NotNow;
    releases: number[];
    sent: string[];
    opened: boolean;
    findings: string[];
    aid: { measure: string; provider: string; status: AidStatus; due: string | null }[];
    has_key: boolean;
  }

  interface Released {
    name: number;
    is_closed: boolean;
    released: number;
    threshold: number;
  }
  interface Compartment extends Released {
    grants: number;
    need: number;
  }

  interface Seat extends Named {
    grants: number[];
    refuses: number[];
    reason: Refusal | null;
    released?: boolean;
  }

  /** Of a seat the first three, of a reader the others. */
  interface NotNow {
    decide?: Failure | null;
    object?: Failure | null;
    release?: Failure | null;
    finding?: Failure | null;
    aid?: Failure | null;
  }

  interface Referred {
    id: string;
    code: string;
    x: number | null;
    institution: string | null;
    may_ask: boolean;
    requests: ReferredRequest[];
    /** What this reader has said of requests on it, in whatever visit. */
    said: { request: string; opened: string | null; findings: string[] }[];
  }
  interface ReferredRequest {
    digest: string;
    compartments: Released[];
    urgent: boolean;
    decide_by: number;
    may_open: boolean;
    to_fetch: boolean;
    status: { status: "deciding" | "lapsed" | "dead"; until?: number; since?: number; ends_at?: number } | null;
    decisions: Seat[];
  }

  interface Opened {
    case: string;
    code: string;
    request: string;
    name: number;
    unopened: number;
  }
  /** `DocumentView`. */
  interface Document {
    code: string;
    request: string;
    name: number;
    text: string;
    answers: { field: InWords; answer: InWords }[];
    /** The same as they stand in the document. */
    told: Record<string, unknown> | null;
    remarks: string[];
    bad: number[];
    part: "consent" | "lapse" | null;
    unopened: { object: string; kind: "document" | "evidence" | "copy"; why: string }[];
    files: File[];
  }
  interface File {
    name: string;
    media_type: string;
    size: number;
    is_copy: boolean;
    is_as_told: boolean;
  }

  /** `client::Done`, as far as the page reads it. */
  interface Filed {
    deadline: number;
  }
  interface Done {
    deadline?: number;
    filed?: Filed | null;
  }

  /** `wasm_desk::routine`: a step of the daily routine, and what came of it. */
  interface Step {
    step: "ack" | "reject" | "take" | "destroy" | "publish";
    code: string | null;
    case?: string;
    delivery?: string;
    check?: string;
    name?: string;
    statement?: string;
    twin?: Twin;
  }
  /** `protocol::statement::Twin`: the public half of an act. */
  interface Twin {
    act: "request" | "decision" | "objection" | "opened" | "finding" | "erased";
    seat: number;
    week: string;
    due: string | null;
    outcome: string | null;
  }
  /** `client::MadePublic`: what an act makes public. */
  interface MadePublic {
    at_once: "closed" | "nothing" | "record";
    counted: string | null;
    if_late: string | null;
    docket:
      | { shows: "no-twin" | "not-chosen" }
      | ({ shows: "twin"; urgent: boolean; from: number; is_open: boolean; is_chosen: boolean } & Twin);
  }
  interface StepDone extends Step {
    filed: Filed | null;
    failure: Failure | null;
  }
}

/** `client::declarant::View`: her inbox. */
declare namespace inbox {
  interface View {
    time: number | null;
    /** From when on the log was read; null: from its beginning. */
    since: number | null;
    is_demo: boolean;
    next_publication: number | null;
    publication_s: number | null;
    answer: Answer | null;
    by: number | null;
    filings: Filing[];
    messages: Message[];
    /** What she asked without a filing, and nobody has answered yet. */
    asked: Sent[];
  }

  interface Found {
    k: number;
    index: number;
    included_at: number;
  }

  type Answer =
    | { answer: "held"; filed: Found }
    | { answer: "withheld"; filed: Found; have: number; need: number }
    | { answer: "no-entry"; up_to: number; not_yet: boolean }
    | { answer: "not-verifiable"; reason: NotVerifiable };
  interface NotVerifiable {
    code: string;
  }

  type Who =
    | { who: "she" }
    | { who: "member"; x: number; institution: string; is_current: boolean }
    | { who: "unknown" };

  interface Filing {
    case: string;
    code: string;
    parent: string | null;
    answer: Answer;
    look_again_at: number | null;
    acks_by: number;
    parts: Parts | null;
    acts: Act[];
    requests: Request[];
    messages: Message[];
    /** Since when messages go to other words than these. */
    messages_elsewhere: number | null;
    policy: Policy | null;
    lapse: Lapse | null;
    readers: [Who, number][];
    promised: { case: string; code: string; until: number }[];
    withdrawal: { since: number; until: number } | null;
    is_erased: boolean;
    can: Can[];
    sent: Sent[];
  }
  type Can = "consent-yes" | "consent-no" | "object" | "withdraw" | "take-back" | "alive" | "say" | "add" | "add-large" | "new-words";
  interface Policy {
    open: "on_request" | "with_my_consent";
    lapse_days: number | null;
    allowed: Use[];
    ask_me_after: number | null;
    docket: Docket;
    inbox_days: number;
  }
  interface Lapse {
    inquiry_from: number;
    inquiry: Found | null;
    decided: [number, Found][];
    need: number;
  }

  interface Parts {
    of: Who[];
    hold: number[];
    late: number[];
    need: number;
  }

  interface Act {
    index: number;
    at: number;
    who: Who;
    standing: "counts" | "gap" | "undecided" | "refused";
    body: Body | null;
  }
  /** `casework::case::Body`: the fields of a statement that the page reads. */
  interface Body {
    act: string;
    x?: number;
    yes?: boolean;
    grants?: number[];
    refuses?: number[];
    outcome?: string;
    status?: AidStatus;
    step?: string;
    provider?: string;
    compartments?: number[];
  }

  interface Request extends RequestStatus {
    digest: string;
    compartments: { name: number; need: number }[];
    decisions: { grants: number[] }[];
    request: {
      compartments: number[];
      purpose: string;
      use: Use | null;
      basis: string;
      urgent: boolean;
      decide_by: number;
    };
    object_by: number;
    reader: Who;
    is_allowed: boolean;
    asks_her: boolean;
    consent: boolean | null;
    can: Can[];
  }

  interface Message {
    day: string;
    from: Who;
    n: number;
    text: string;
    /** An upload code that came with it. */
    quota: string | null;
  }

  interface Sent {
    name: string;
    about: string | null;
    says: string | null;
    state: "unsent" | "sent" | "overdue";
    by: number | null;
    times: number;
  }

  /** `wasm_return::words`. */
  interface Unknown {
    place: number;
    near: string[];
  }
  type Unread =
    | { code: "count"; n: number }
    | { code: "unknown"; words: Unknown[] }
    | { code: "checksum" }
    | { code: "memory" };
}

/** `wasm_counsel` and `reports::model`: the law beside an opened testimony. */
declare namespace law {
  interface Fact {
    id: string;
    es: string;
    cite: string;
  }
  interface Vocabulary {
    facts: Fact[];
    entities: { id: string; name: string }[];
  }
  interface Assessment {
    report: { blocks: Block[] };
    /** The same in sentences, in Spanish. */
    prose: string[];
    next: string[];
  }
  /** One of them. */
  interface Block {
    notice?: string;
    heading?: string;
    subheading?: string;
    annex?: string;
    caption?: Span[];
    text?: Span[];
    point?: { number: string; spans: Span[] };
    closing?: Span[][];
    item?: Span[];
    quote?: { paragraphs: string[]; source: string };
    table?: { head: string[]; rows: Span[][][] };
  }
  type Span = Partial<Record<"plain" | "foreign" | "strong" | "code" | "gap", string>>;
}
