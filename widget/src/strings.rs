//! The words of the widget, by name. They are in `widget/locales`, a file for each language; an iframe fetches those of
//! one language, in the order of their names. The words in the frame document are not here.

use oriel_shared::ascii_split::{split, split_once};

use crate::when;

/// Words.
pub type Text = &'static str;

/// Words with a number in them, a form for each plural category of the language.
#[derive(Clone, Copy)]
pub struct Plural(Text);

/// The words of one language, in the order of their names. One array, which a loop fills.
pub struct Strings([Text; NAMES.len()]);

/// Makes a function for each name. The names are in alphabetical order.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $kind:ident,)*) => {
        /// The place of each in the file that the iframe fetches.
        #[allow(non_camel_case_types, reason = "the names are those of the words")]
        enum Place {
            $($name,)*
        }

        const NAMES: &[&str] = &[$(stringify!($name)),*];

        impl Strings {
            $($(#[$doc])*
            pub const fn $name(&self) -> $kind {
                $kind(self.0[Place::$name as usize])
            })*
        }
    };
}

words! {
    /// Somebody of the team is typing.
    agent_types: Text,
    /// The assistant is typing.
    assistant_types: Text,
    /// At the end of the log, while nobody has answered yet, out of the team's hours.
    away: Text,
    /// Thumb down, under an answer.
    bad: Text,
    /// Button of the prechat form.
    begin: Text,
    /// Above a message of the team's without a name, shown.
    by_agent: Text,
    /// Before an answer of the assistant's, for screen readers.
    by_assistant: Text,
    /// Button that takes the question or the form back.
    cancel: Text,
    /// At the end of a conversation that the team has ended.
    closed: Text,
    /// Label of a field.
    company: Text,
    /// While the first connection takes its time.
    connecting: Text,
    /// In the menu: the visitor's own conversations.
    conversations: Text,
    /// The copy button, once it has copied.
    copied: Text,
    /// Button that copies a message or a piece of code.
    copy: Text,
    /// In the menu: the transcript as a file.
    download: Text,
    /// Label of a field.
    email: Text,
    /// Beside a field: it is no e-mail address.
    email_wrong: Text,
    /// In the menu: end the chat.
    end: Text,
    /// The browser keeps no cookie for the chat.
    ephemeral: Text,
    /// In the menu: erase everything.
    erase: Text,
    /// Button that confirms the erasure.
    erase_now: Text,
    /// The question before everything is erased.
    erase_question: Text,
    /// What the visitor asked for in the menu did not work.
    failed: Text,
    /// Thumb up, under an answer.
    good: Text,
    /// Above the form for a message to the team.
    lead_intro: Text,
    /// In the form: the edge refused it.
    lead_refused: Text,
    /// Button that opens the form, and button that sends it.
    lead_send: Text,
    /// There were too many messages or visits.
    limited: Text,
    /// Behind `limited`: the seconds that are left.
    limited_for: Plural,
    /// Label of a field.
    message: Text,
    /// Beside a field that has to be filled in, or a box that has to be ticked.
    missing: Text,
    /// Label of a field.
    name: Text,
    /// Button over the end of the log, while the visitor reads older messages and a new one has come.
    new_messages: Text,
    /// Under a message that the edge refused.
    not_sent: Text,
    /// Behind the label of a field that may be left empty.
    optional: Text,
    /// Label of a field.
    phone: Text,
    /// The connection is lost.
    reconnecting: Text,
    /// Under the visitor's last message, when the team has seen it.
    seen: Text,
    /// Under a message on its way.
    sending: Text,
    /// Name of the list of an answer's sources.
    sources: Text,
    /// Under the site's name: a person has the conversation.
    status_agent: Text,
    /// Under the site's name: it has ended.
    status_closed: Text,
    /// Under the site's name: the assistant has the conversation.
    status_open: Text,
    /// Under the site's name: a person was asked for.
    status_waiting: Text,
    /// Offer under an answer.
    talk_to_person: Text,
    /// Name of the file with the transcript.
    transcript: Text,
    /// Title of the page in the chat's place.
    unavailable: Text,
    /// Under it: the iframe was opened on its own.
    unavailable_alone: Text,
    /// Under it: the page could not say who the visitor is.
    unavailable_identity: Text,
    /// Under it: the page's origin is not one of the site's.
    unavailable_origin: Text,
    /// Under it: the site is unknown or disabled.
    unavailable_site: Text,
    /// At the end of the log, while nobody has answered yet.
    waiting: Text,
}

#[allow(
    non_snake_case,
    reason = "stands where a type's constructor stands for a plural"
)]
const fn Text(text: Text) -> Text {
    text
}

impl Strings {
    /// The words that the iframe fetched. They stay for as long as it does.
    pub fn new(words: Vec<String>) -> &'static Self {
        let strings = Box::leak(Box::new(Self([""; NAMES.len()])));
        for (place, word) in strings.0.iter_mut().zip(words) {
            *place = word.leak();
        }
        strings
    }
}

impl Plural {
    /// With this number.
    pub fn with(self, number: u32) -> String {
        let number = f64::from(number);
        self.form(&when::category(number), &when::digits(number))
    }

    /// The form for a category, with a number in digits. Every language has `other`.
    fn form(self, category: &str, digits: &str) -> String {
        let mut found = "";
        for form in split(self.0, b'\n') {
            if let Some((name, form)) = split_once(form, b':')
                && (name == category || (name == "other" && found.is_empty()))
            {
                found = form;
            }
        }
        let mut text = String::new();
        for (place, part) in split(found, b'#').enumerate() {
            if place > 0 {
                text.push_str(digits);
            }
            text.push_str(part);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// The names here and in the files are the same, in the same order: a word is known by its place.
    #[test]
    fn the_names_are_those_of_the_files() {
        let english: Value =
            serde_json::from_str(include_str!("../locales/en.json")).expect("JSON");
        let chat = english["chat"].as_object().expect("the program's words");
        let mut names: Vec<&str> = chat.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(NAMES, names);
        let word = |name: &&str| {
            if chat[*name].is_object() {
                format!("other:{name}")
            } else {
                (*name).to_owned()
            }
        };
        let taken = Strings::new(NAMES.iter().map(word).collect());
        assert_eq!((taken.bad(), taken.waiting()), ("bad", "waiting"));
        assert_eq!(taken.limited_for().form("one", "1"), "limited_for");
    }

    #[test]
    fn a_plural_has_a_form_for_each_category() {
        let plural = Plural("one:# day\nfew:(#)\nother:# days: all of them");
        for (category, said) in [
            ("one", "1 day"),
            ("few", "(1)"),
            ("other", "1 days: all of them"),
            ("many", "1 days: all of them"),
            ("", "1 days: all of them"),
        ] {
            assert_eq!(plural.form(category, "1"), said, "{category}");
        }
        assert_eq!(Plural("").form("one", "1"), "");
    }
}
