//! Verbs of the law.

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `law`.
#[derive(Clone, Debug, Subcommand)]
pub enum Law {
    /// Answer cases, one JSON object a line
    #[command(before_help = "Example: resguardo law assess --json cases.jsonl\n")]
    Assess(LawAssess),
    /// An article as it is loaded: elements, ranges, wording, sources
    #[command(before_help = "Example: resguardo law explain 13\n")]
    Explain(LawExplain),
    /// Which texts are loaded, from where and of which date; which are not
    #[command(before_help = "Example: resguardo law sources\n")]
    Sources,
    /// Check law files: every fault with line and column; runs their cases
    #[command(before_help = "Example: resguardo law check laws/mx\n")]
    Check(LawCheck),
    /// Begin the law of an entity: files with every place to fill
    #[command(before_help = "Example: resguardo law new MX-TLA laws/mx/tlaxcala\n")]
    New(LawNew),
    /// The questions whose answers settle the most, each with its reason; then what is met and what is missing
    #[command(before_help = "Example: resguardo law ask act_recruit,purpose_slavery --date 2019-05-10\n")]
    Ask(LawAsk),
    /// The form of cases and answers, as JSON Schema
    #[command(before_help = "Example: resguardo law schema answer\n")]
    Schema(LawSchema),
    /// Write the law, or cases, in a form that other programs read
    #[command(before_help = "Example: resguardo law export --akn laws-akn\n")]
    Export(LawExport),
    /// Find facts by what people say
    #[command(before_help = "Example: resguardo law search no nos dejaban salir\n")]
    Search(LawSearch),
}

/// Language of what is written for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Tongue {
    /// Spanish.
    Es,
    /// English.
    En,
}

impl Tongue {
    /// The chosen one of this run, or Spanish: the law files are written in it.
    pub fn of_law() -> Self {
        match crate::language::chosen() {
            Some(crate::language::Language::English) => Self::En,
            _ => Self::Es,
        }
    }

    /// The same for the law files.
    pub fn of_data(self) -> law::Tongue {
        match self {
            Self::Es => law::Tongue::Es,
            Self::En => law::Tongue::En,
        }
    }

    /// The word list of it.
    pub fn language(self) -> protocol::phrase::Language {
        match self {
            Self::Es => protocol::phrase::Language::Spanish,
            Self::En => protocol::phrase::Language::English,
        }
    }
}

/// Which law files answer.
#[derive(Clone, Debug, Args)]
pub struct LawFiles {
    /// Answer from the law files of this folder instead of those of the program
    #[arg(long, value_name = "DIR")]
    pub laws: Option<PathBuf>,
}

/// `law assess`.
#[derive(Clone, Debug, Args)]
pub struct LawAssess {
    #[command(flatten)]
    pub laws: LawFiles,
    /// Cases, `-` for standard input
    #[arg(value_name = "FILE|-")]
    pub file: PathBuf,
    /// Leave this field out of each answer (several: `--without assistance,reasons`)
    #[arg(long, value_name = "FIELD", value_delimiter = ',', value_parser = fields())]
    pub without: Vec<String>,
    /// Write this field of each answer and no other (several: `--only proven,flags`)
    #[arg(long, value_name = "FIELD", value_delimiter = ',', value_parser = fields())]
    pub only: Vec<String>,
    /// Sentences to be read aloud instead of a table: what meets each element, what is missing, what would defeat it
    #[arg(long)]
    pub prose: bool,
}

/// Names of the fields of an answer.
fn fields() -> PossibleValuesParser {
    PossibleValuesParser::new(law::Answer::FIELDS.iter().copied())
}

/// `law explain`.
#[derive(Clone, Debug, Args)]
pub struct LawExplain {
    /// Article, as `13`, `42-VII` or «CPF 325»: without its law, of the General Law; or an id, as `a13`
    #[arg(value_name = "ART", required = true)]
    pub art: Vec<String>,
}

/// `law check`.
#[derive(Clone, Debug, Args)]
pub struct LawCheck {
    /// Folder of law files
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}

/// `law new`.
#[derive(Clone, Debug, Args)]
pub struct LawNew {
    /// Entity, as MX-TLA
    #[arg(value_name = "ENTITY")]
    pub entity: String,
    /// Folder for the files (default: the entity's code in small letters)
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// `law schema`.
#[derive(Clone, Debug, Args)]
pub struct LawSchema {
    /// Of what is asked, or of what is answered
    #[arg(value_enum)]
    pub of: SchemaOf,
}

/// Which half of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// A case: one line of what `law assess` reads.
    Case,
    /// An answer: one line of what `law assess --json` writes.
    Answer,
}

/// `law export`.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct LawExport {
    /// Each law that is loaded as an Akoma Ntoso 3.0 document, into this folder
    #[arg(long, value_name = "DIR")]
    pub akn: Option<PathBuf>,
    /// Each case of this file (`-` for standard input) as a situation of OpenFisca, one a line
    #[arg(long, value_name = "FILE|-")]
    pub openfisca: Option<PathBuf>,
}

/// `law ask`.
#[derive(Clone, Debug, Args)]
pub struct LawAsk {
    #[command(flatten)]
    pub laws: LawFiles,
    /// Facts, as `act_recruit,!victim_minor`; or a file of cases, `-` for standard input; none: questions are put one by one
    #[arg(value_name = "FACTS")]
    pub facts: Option<String>,
    /// Day or range of the conduct, for facts
    #[arg(long, value_name = "DATE")]
    pub date: Option<String>,
    /// Entity, as MX-TLA, for facts
    #[arg(long, value_name = "CODE")]
    pub entity: Option<String>,
    /// Most questions to show, or to put
    #[arg(long, default_value_t = 10)]
    pub most: usize,
}

/// `law search`.
#[derive(Clone, Debug, Args)]
pub struct LawSearch {
    #[command(flatten)]
    pub laws: LawFiles,
    /// Words, in Spanish or English; accents and capitals are of no effect
    #[arg(value_name = "WORDS", required = true)]
    pub words: Vec<String>,
    /// Most facts to show
    #[arg(long, default_value_t = 10)]
    pub most: usize,
}

/// `report`.
#[derive(Clone, Debug, Args)]
pub struct Report {
    /// Which report
    #[arg(value_parser = ["assessment", "evidence", "custody", "measures"])]
    pub kind: String,
    /// Folder that `open` has written
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// Facts: one JSON object as `law assess` takes it, with `passages` {fact: words} beside them
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,
    /// A page made for printing, or a file that a word processor opens
    #[arg(long, value_enum, default_value = "html")]
    pub format: ReportForm,
    /// Sheet
    #[arg(long, value_enum, default_value = "letter")]
    pub paper: PaperSize,
    /// Where to write it (default: into the folder)
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace a report that is there
    #[arg(long)]
    pub force: bool,
}

/// Form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    /// A page made for printing.
    Html,
    /// For a word processor.
    Docx,
}

/// Size of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PaperSize {
    /// 8.5 × 11 in.
    Letter,
    /// 210 × 297 mm.
    A4,
}
