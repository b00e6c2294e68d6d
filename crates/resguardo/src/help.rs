//! The help of verbs and options in the language of this run. What the parser itself puts into it (headings, defaults,
//! values) has no other language, so that it is taken out and said here.

use crate::language::{Language, of_process, said, t};
use clap::{Arg, Command};

/// The command line as this run describes it.
pub fn localised(mut command: Command) -> Command {
    if of_process() == Language::English {
        return command;
    }
    // Gives each verb its whole name, and the options that all verbs have.
    command.build();
    spoken(command)
}

fn spoken(command: Command) -> Command {
    let about = command.get_about().map(|about| said(&about.to_string()).to_owned());
    let example = command.get_before_help().map(|text| {
        let text = text.to_string();
        let example = text.trim_end().strip_prefix("Example: ").map(str::to_owned);
        example.map_or(text, |example| t!("Example: {}", example))
    });
    let after = command.get_after_help().map(|text| said(&text.to_string()).to_owned());
    let usage = command.clone().render_usage().to_string();
    let usage = usage
        .trim_start_matches("Usage: ")
        .replace("[OPTIONS]", t!("[OPTIONS]"));
    let mut command = command
        .override_usage(
            usage
                .replace("<COMMAND>", t!("<COMMAND>"))
                .replace("[COMMAND]", t!("[COMMAND]")),
        )
        .subcommand_help_heading(t!("Commands"))
        .help_template(format!(
            "{{before-help}}{{about-with-newline}}\n{} {{usage}}\n\n{{all-args}}{{after-help}}",
            t!("Usage:")
        ))
        .mut_args(argument)
        .mut_subcommands(spoken);
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(example) = example {
        command = command.before_help(example);
    }
    if let Some(after) = after {
        command = command.after_help(after);
    }
    command
}

fn argument(arg: Arg) -> Arg {
    let heading = match arg.get_help_heading() {
        Some(_) => t!("Manners"),
        None if arg.is_positional() => t!("Arguments"),
        None => t!("Options"),
    };
    let mut help = arg
        .get_help()
        .map(|help| said(&help.to_string()).to_owned())
        .unwrap_or_default();
    let takes_values = arg.get_action().takes_values();
    if takes_values && !arg.is_hide_default_value_set() {
        let defaults: Vec<String> = arg
            .get_default_values()
            .iter()
            .map(|value| value.display().to_string())
            .collect();
        if !defaults.is_empty() {
            help.push(' ');
            help.push_str(&t!("[default: {}]", defaults.join(", ")));
        }
    }
    let values: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|value| takes_values && !value.is_hide_set())
        .map(|value| match value.get_help() {
            Some(help) => format!("{} ({})", value.get_name(), said(&help.to_string())),
            None => value.get_name().to_owned(),
        })
        .collect();
    if !values.is_empty() {
        help.push(' ');
        help.push_str(&t!("[possible values: {}]", values.join(", ")));
    }
    let long = arg.get_long_help().map(|help| said(&help.to_string()).to_owned());
    arg.long_help(long.unwrap_or_else(|| help.clone()))
        .help(help)
        .help_heading(heading)
        .hide_default_value(true)
        .hide_possible_values(true)
}
