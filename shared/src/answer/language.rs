//! Languages: which one a text is written in, the words that carry no meaning of their own, and stems.
//!
//! English, German, French and Spanish are understood. A text is of the language whose function words it has most of.
//! A question can be too short to tell ("Rechnung?"): then it is asked in all of them. Text in another language that
//! puts blanks between words is found as it is written; scripts without blanks are cut by [`super::words`] and need
//! none of this.
//!
//! Words are folded before they are cut to stems, so that they are found whether accents were typed or not; the
//! stemmers get back the few accents that an ending must have had. Source: <https://snowballstem.org/algorithms/>.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

use super::words::words;

/// A language whose words are understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// None of these: words count as they are written.
    Other,
}

/// Of a text, this many words tell its language.
const TELLING_WORDS: usize = 3_000;
/// A text with a smaller share of one language's function words is in none of them. Running text has two in five.
const FEWEST_FUNCTION_WORDS: f64 = 0.1;

/// Words that say how a question is put and not what it is about.
///
/// The list is the usual one of English function words and what people add in chats. Folded, not stemmed; the trigrams
/// of `don't` and the like are here because words end at the apostrophe.
const ENGLISH: &str = "a able about above actually after again against all almost already also although always am an and another any \
    anybody anyone anything anyway are aren around as ask asking at available away basically be because been \
    before behind being below best better between both btw but by can cannot cant certain choose come comes \
    could couldn currently did didn different do does doesn doing don done dont down during each easily either \
    else especially etc even ever every everyone everything exactly exist existing exists explain few find first \
    for from further get gets getting give given gives go goes going good got had hadn happen happened happening \
    happens happy hardly has hasn have haven having he hello help her here hers hey hi him his hopefully how \
    however i if im in instead into is isn it its itself ive just kind kindly know let like literally ll look \
    looking lot lots m made make makes making many may maybe me mean means might mine more most much must mustn my \
    myself need needed needs neither never nicely no nor not nothing now of off often oh ok okay on once one ones \
    only onto or other others our ours ourselves out over own particular perhaps please possible possibly properly \
    put quite rather re really s said same say says see seem seems seen several shall shan she should shouldn show \
    simply since so some somebody somehow someone something sometimes somewhere soon specific still stuff such \
    suddenly support supported supports supposed sure t take taken takes tell than thank thanks that the their \
    theirs them themselves then there these they thing things think this those though through thus to together \
    told too totally toward towards tried tries try trying under understood unless until up upon us use used \
    useful uses using usually various ve very via want wanted wants was wasn way ways we well were weren what \
    whatever whatsoever when whenever where wherever whether which while who whoever whole whom whose why will \
    with within without won wonder wondering work worked working works would wouldn yes yet you your yours \
    yourself yourselves didnt doesnt havent heres hows isnt lets shouldnt thats theres theyre wasnt weve whats \
    whens wheres whos wont wouldnt youre youve";

/// The same for German.
const GERMAN: &str = "ab aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bekomme bekommen bekommt benutzen \
    besser besten bin bis bist bitte braucht brauche brauchen da dabei dadurch dafur dagegen daher damit danach dann daran darauf \
    darf darfst darin das dass davon dazu dein deine deinen dem den denn der deren des deshalb dessen dich die dies diese diesem \
    diesen dieser dieses dir doch dort du durch durfen eben ein eine einem einen einer eines einfach einige er es etwas euch euer \
    eure fur gar geben gebt geht gehen genau gern gerne gib gibt ging gut habe haben habt hallo hat hatte hatten hier hin ich ihm \
    ihn ihnen ihr ihre ihrem ihren ihrer im immer in ins irgendwie ist ja jede jedem jeden jeder jedes jemand jetzt kann kannst kein \
    keine keinem keinen keiner konnen konnt konnte konnten kommt lasse lassen lasst lauft leider machen macht mal man mehr mein meine \
    meinem meinen meiner mich mir mit mochte mochten moglich muss mussen musst nach nein nicht nichts noch nun nur nutzen ob oder \
    ohne schon sehr sein seine seinem seinen seiner seit sich sie sind so sobald sogar soll sollen sollte solche sondern sonst soviel \
    statt tun uber um und uns unser unsere unserem unseren unter vom von vor wann war ware waren warum was wegen weil welche welchem \
    welchen welcher welches wem wen wenn wer werde werden weshalb wessen wie wieder wieso wieviel will wir wird wo wobei wodurch wofur \
    woher wohin wollen womit woran worauf wurde wurden wurdet zu zum zur zwischen hilfe helfen eigentlich uberhaupt gilt gelten viel \
    viele vielen bereits";

/// The same for French.
const FRENCH: &str = "a afin ai aide aider ainsi alors apres as assez au aucun aucune aujourd aussi autre autres aux avant avec avez avoir avons \
    beaucoup besoin bien bonjour c car ce ceci cela celle celui cependant ces cet cette chaque chez ci combien comme comment \
    concernant d dans de depuis des dessous dessus deux devez devons devrais dois doit doivent donc dont du elle elles en encore \
    entre est et etaient etait etant ete etes etre eu eux faire fais faisant fait faites faudra faut font hors hui il ils j jamais \
    je jusqu jusque l la le les lequel laquelle lesquels leur leurs lors lorsque lui m ma mais marche me meme memes merci mes moi \
    moins mon n ne ni non nos notre nous on ont ou par parce pas pendant permet peut peuvent peux plus plusieurs possible pour \
    pourquoi pourrais pouvez pouvoir pouvons puis puisque qu quand que quel quelle quelles quels quelque qui quoi s sa sans savoir \
    se selon sera seront ses seulement si soit son sont sous souhaite sur t ta te tes toi ton toujours tous tout toute toutes tres \
    trop trouve trouver tu un une utiliser va vers veut veux voici voila vont vos votre voudrais vous vraiment y";

/// The same for Spanish.
const SPANISH: &str = "a ademas ahora al algo alguien algun alguna algunas alguno algunos antes aqui asi aun aunque ayuda ayudar bien buenas buenos \
    cada casi como con cual cuales cualquier cuando cuanta cuantas cuanto cuantos de debe deben debo del desde despues donde dos \
    durante e el ella ellas ellos en entonces entre era eran eres es esa esas ese eso esos esta estan estar estas este esto estos \
    estoy favor fue fueron funciona gracias ha haber habia hacen hacer hace hacia hago han hasta hay he hola igual incluso la las le \
    les lo los luego mas me mejor menos mi mientras mio mis mismo mucha muchas mucho muchos muy nada necesita necesito ni ningun \
    ninguna no nos nosotros nuestra nuestras nuestro nuestros o obtener os otra otras otro otros para pero poco podemos poder podria \
    por porque posible puede pueden puedo pues que quien quienes quiere quiero quisiera sabe se sea segun ser si sido siempre sin \
    sobre solo son soy su sus tal tambien tan tanto te tengo tiene tienen tener toda todas todo todos tras tu tus un una unas uno \
    unos usar usted ustedes va vamos van vez voy y ya yo";

impl Language {
    /// Those that are understood.
    pub const UNDERSTOOD: [Self; 4] = [Self::English, Self::German, Self::French, Self::Spanish];

    /// The language of a document, from any of its texts. One that says too little is taken for English.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut n_words = 0_usize;
        let mut n_function = [0_usize; 4];
        for word in texts.into_iter().flat_map(words).take(TELLING_WORDS) {
            n_words += 1;
            for (n, language) in n_function.iter_mut().zip(Self::UNDERSTOOD) {
                *n += usize::from(language.is_function_word(&word.folded));
            }
        }
        let best = n_function.iter().zip(Self::UNDERSTOOD).rev();
        match best.max_by_key(|(n, _)| **n) {
            // A page of code or of numbers; English is what it has if it has anything.
            _ if n_words < 8 => Self::English,
            #[expect(clippy::cast_precision_loss, reason = "at most TELLING_WORDS")]
            Some((n, language)) if *n as f64 >= FEWEST_FUNCTION_WORDS * n_words as f64 => language,
            _ => Self::Other,
        }
    }

    /// The languages that a question may be in: those with most of its function words, or all when it has none.
    pub fn of_question(text: &str) -> Vec<Self> {
        let words: Vec<_> = words(text).map(|word| word.folded).collect();
        let n_function = |language: &Self| {
            let of_it = |word: &&String| language.is_function_word(word);
            words.iter().filter(of_it).count()
        };
        let most = Self::UNDERSTOOD.iter().map(n_function).max().unwrap_or(0);
        let mut languages = Self::UNDERSTOOD.to_vec();
        languages.retain(|language| n_function(language) == most);
        languages
    }

    /// As the index keeps it (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Other => "und",
        }
    }

    /// Reads a tag that [`Self::tag`] wrote.
    pub fn from_tag(tag: &str) -> Self {
        let all = Self::UNDERSTOOD.into_iter();
        all.into_iter()
            .find(|language| language.tag() == tag)
            .unwrap_or(Self::Other)
    }

    const fn function_words(self) -> &'static str {
        match self {
            Self::English => ENGLISH,
            Self::German => GERMAN,
            Self::French => FRENCH,
            Self::Spanish => SPANISH,
            Self::Other => "",
        }
    }

    /// Whether a folded word carries no meaning of its own.
    fn is_function_word(self, folded: &str) -> bool {
        FUNCTION_WORDS
            .get(&self)
            .is_some_and(|words| words.contains(folded))
    }
}

/// The lists, to ask for.
static FUNCTION_WORDS: LazyLock<HashMap<Language, HashSet<&'static str>>> = LazyLock::new(|| {
    let words = |language: Language| language.function_words().split_ascii_whitespace().collect();
    let languages = Language::UNDERSTOOD.into_iter();
    languages
        .map(|language| (language, words(language)))
        .collect()
});

/// Whether a folded word carries no meaning of its own in a question of these languages; single letters do not either.
pub(super) fn is_stop_word(folded: &str, languages: &[Language]) -> bool {
    (folded.len() == 1 && folded.bytes().all(|byte| byte.is_ascii_alphabetic()))
        || languages
            .iter()
            .any(|language| language.is_function_word(folded))
}

/// Cuts words to their stems.
pub struct Stems([Stemmer; 4]);

impl Default for Stems {
    fn default() -> Self {
        Self([
            Stemmer::create(Algorithm::English),
            Stemmer::create(Algorithm::German),
            Stemmer::create(Algorithm::French),
            Stemmer::create(Algorithm::Spanish),
        ])
    }
}

impl Stems {
    /// The stem of a folded word. Words with anything but ASCII letters keep their form.
    pub fn of(&self, folded: &str, language: Language) -> String {
        let Self([english, german, french, spanish]) = self;
        if folded.len() <= 2 || !folded.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return folded.to_owned();
        }
        match language {
            Language::English => english.stem(folded).into_owned(),
            Language::German => german.stem(folded).into_owned(),
            Language::French => {
                let accented = match folded {
                    _ if folded.ends_with("ee") => with_ending(folded, "ee", "ée"),
                    _ if folded.ends_with("ees") => with_ending(folded, "ees", "ées"),
                    _ => folded.to_owned(),
                };
                plain(&french.stem(&accented))
            }
            Language::Spanish => {
                let accented = if folded.ends_with("ion") {
                    with_ending(folded, "ion", "ión")
                } else {
                    folded.to_owned()
                };
                plain(&spanish.stem(&accented))
            }
            Language::Other => folded.to_owned(),
        }
    }
}

fn with_ending(word: &str, ending: &str, other: &str) -> String {
    word.strip_suffix(ending)
        .map_or_else(|| word.to_owned(), |base| format!("{base}{other}"))
}

/// A stem without the accents that it was given.
fn plain(stem: &str) -> String {
    stem.replace('é', "e").replace('ó', "o")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_of_the_language_whose_function_words_it_has() {
        for (text, expected) in [
            (
                "You can send anything back within 30 days if it is unused.",
                Language::English,
            ),
            (
                "Sie können alles innerhalb von 30 Tagen zurückgeben, wenn es nicht benutzt wurde.",
                Language::German,
            ),
            (
                "Vous pouvez renvoyer un article dans les 30 jours s’il n’a pas été utilisé.",
                Language::French,
            ),
            (
                "Puede devolver cualquier artículo en un plazo de 30 días si no lo ha usado.",
                Language::Spanish,
            ),
            (
                "Można zwrócić każdy towar do trzydziestu dni, jeżeli nie był używany.",
                Language::Other,
            ),
            ("cargo xtask dev", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::of([text]), expected, "{text}");
        }
    }

    #[test]
    fn a_question_that_does_not_tell_is_asked_in_every_language() {
        use Language::{English, French, German, Spanish};
        for (text, expected) in [
            ("How do I return it?", vec![English]),
            ("Wie kann ich das zurückgeben?", vec![German]),
            ("Comment renvoyer un article ?", vec![French]),
            ("¿Cómo puedo devolver un artículo?", vec![Spanish]),
            ("Versandkosten", vec![English, German, French, Spanish]),
            ("", vec![English, German, French, Spanish]),
        ] {
            assert_eq!(Language::of_question(text), expected, "{text}");
        }
    }

    #[test]
    fn words_of_one_family_share_a_stem() {
        let stems = Stems::default();
        for (language, family) in [
            (Language::English, ["origin", "origins", "origin"]),
            (Language::English, ["delete", "deleting", "deleted"]),
            (Language::English, ["cookie", "cookies", "cookie"]),
            (Language::German, ["rechnung", "rechnungen", "rechnung"]),
            (Language::German, ["kosten", "koste", "kosten"]),
            (Language::French, ["livree", "livrees", "livrer"]),
            (Language::French, ["facture", "factures", "facturer"]),
            (
                Language::Spanish,
                ["devolucion", "devoluciones", "devolucion"],
            ),
            (Language::Spanish, ["envio", "envios", "enviar"]),
        ] {
            let [first, second, third] = family.map(|word| stems.of(word, language));
            assert!(first == second && second == third, "{family:?}");
        }
        for language in Language::UNDERSTOOD {
            assert_eq!(stems.of("d1", language), "d1");
            assert_eq!(stems.of("価格", language), "価格");
            assert_eq!(Language::from_tag(language.tag()), language);
        }
        assert_eq!(stems.of("rechnungen", Language::Other), "rechnungen");
    }
}
