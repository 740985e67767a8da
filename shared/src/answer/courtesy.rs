//! What people say to an assistant without asking for anything in the documents: greetings, thanks, "are you a
//! person?", "get me a person".
//!
//! Only short messages made wholly of such words count; whatever else they hold makes them a question.

use super::words::words;
use crate::i18n::Catalog;

/// A message that no document answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Courtesy {
    /// "Hi", "good morning".
    Greeting,
    /// "Thank you".
    Thanks,
    /// "Bye".
    Farewell,
    /// "Can you help me?"
    Help,
    /// "Are you a bot?"
    Nature,
    /// "I want to talk to a person".
    Person,
}

/// Longer messages say something.
const MOST_WORDS: usize = 10;

/// Words that may stand around any of them.
const AROUND: &str = "a again all an and any anyone as at are be can could d do everyone folks for friend get give going good great guys have \
    hello hey hi how i ii im is it its just let ll m may me my now of oh ok okay one or please quick re real really s so some sir madam \
    team that the then there this to today ve very want was we well will with would you your yes need like ask am";

/// Each kind: the words that make it (one must be there), the words that may be there.
const KINDS: [(Courtesy, &str, &str); 6] = [
    (
        Courtesy::Person,
        "human person agent operator representative rep somebody someone people staff employee",
        "actual actually connect contact live support speak talk talking speaking chat chatting transfer through put \
         instead from on hand over customer service bring call wish transferred connected alive",
    ),
    (
        Courtesy::Nature,
        "bot robot ai machine chatbot human person assistant computer gpt chatgpt llm",
        "real actually talking speaking what chatting who",
    ),
    (
        Courtesy::Farewell,
        "bye goodbye cya ciao",
        "see later soon thanks thank nice day evening night weekend bye",
    ),
    (
        Courtesy::Thanks,
        "thank thanks thx ty cheers appreciated helpful perfect awesome brilliant excellent wonderful",
        "much lot lots many million bunch help helped helping answer information info quick appreciate work works worked nice cool \
         got super",
    ),
    (
        Courtesy::Help,
        "help question questions assist",
        "having trouble something few",
    ),
    (
        Courtesy::Greeting,
        "hi hello hey hiya howdy greetings morning afternoon evening yo heya hallo",
        "day thanks up what whats",
    ),
];

/// Reads a message, `None` when it asks for something else.
pub(super) fn read(text: &str) -> Option<Courtesy> {
    let said: Vec<String> = words(text)
        .map(|word| word.folded)
        .take(MOST_WORDS + 1)
        .collect();
    if said.is_empty() || said.len() > MOST_WORDS {
        return None;
    }
    let has = |list: &str, word: &str| list.split_whitespace().any(|entry| entry == word);
    let kind = KINDS.iter().find(|(kind, makers, others)| {
        said.iter().any(|word| has(makers, word))
            && said
                .iter()
                .all(|word| has(makers, word) || has(others, word) || has(AROUND, word))
            && is_sense(*kind, &said)
    });
    kind.map(|(kind, ..)| *kind)
}

/// Checks the order of the words: those of a kind can be put together to something else.
fn is_sense(kind: Courtesy, said: &[String]) -> bool {
    let begins = |words: &[&str]| {
        words.len() <= said.len() && words.iter().zip(said).all(|(word, said)| word == said)
    };
    let asks_what_i_am = begins(&["are", "you"])
        || begins(&["am", "i"])
        || begins(&["is", "this"])
        || begins(&["is", "it"])
        || begins(&["who", "are", "you"])
        || begins(&["what", "are", "you"])
        || begins(&["so", "are", "you"])
        || begins(&["you", "are"])
        || begins(&["is", "there"]);
    match kind {
        Courtesy::Nature => asks_what_i_am && !begins(&["is", "there"]),
        // "Is there a person?" asks for one; "are you a person?" does not.
        Courtesy::Person => {
            !asks_what_i_am || begins(&["is", "there"]) || begins(&["am", "i", "able"])
        }
        _ => true,
    }
}

impl Courtesy {
    /// Returns what the assistant says.
    pub(super) const fn words(self, sentences: &Catalog) -> &'static str {
        match self {
            Self::Greeting => sentences.greeting,
            Self::Thanks => sentences.thanks,
            Self::Farewell => sentences.farewell,
            Self::Help => sentences.help,
            Self::Nature => sentences.who_answers,
            Self::Person => sentences.person,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn courtesies_are_known_and_questions_are_not_taken_for_them() {
        use Courtesy::{Farewell, Greeting, Help, Nature, Person, Thanks};
        for (text, expected) in [
            ("hi", Some(Greeting)),
            ("Hello there!", Some(Greeting)),
            ("Good morning", Some(Greeting)),
            ("Hey, how are you?", Some(Greeting)),
            ("hey whats up", Some(Greeting)),
            ("thanks", Some(Thanks)),
            ("Thank you very much, that helped a lot :-)", Some(Thanks)),
            ("ok perfect", Some(Thanks)),
            ("bye", Some(Farewell)),
            ("Thanks, bye!", Some(Farewell)),
            ("Can you help me?", Some(Help)),
            ("I have a question", Some(Help)),
            ("Are you a bot?", Some(Nature)),
            ("Am I talking to a real person?", Some(Nature)),
            ("who are you, a robot?", Some(Nature)),
            ("Can I talk to a human please", Some(Person)),
            ("AGENT", Some(Person)),
            ("is there a real person there?", Some(Person)),
            (
                "I want to speak with someone from your support team",
                Some(Person),
            ),
            ("Hi, how do I embed the chat?", None),
            ("Thanks, but how do I delete a document?", None),
            (
                "How does a person of the team take over a conversation?",
                None,
            ),
            ("Does the bot learn from my documents?", None),
            ("help me with the content security policy", None),
            ("Can an agent close a conversation?", None),
            ("day", None),
            ("you", None),
            ("", None),
            ("🙂", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
