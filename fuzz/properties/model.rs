//! What a model's API sends: read alike however it is cut, and nothing that must not come out is shown on the way.

use oriel_shared::model::completion::{Completion, StreamError};
use oriel_shared::model::links::LinkPolicy;
use oriel_shared::model::output_filter::{OutputFilter, RejectedOutput, Rules};
use oriel_shared::text::phrase;
use oriel_shared::wire::visitor::Source;

const KEY: &str = "bcdfghjklmnpqrstvwxzbcdf";

/// Panics when a stream is read otherwise in pieces than whole, or shows what it must not.
pub fn hold(stream: &[u8]) {
    let whole = read(stream.chunks(stream.len().max(1)));
    for n in [1, 7] {
        let pieces = read(stream.chunks(n));
        // Where it breaks, more may have been read before; never anything else.
        match (&whole, &pieces) {
            (Ok(whole), Ok(pieces)) => assert_eq!(whole, pieces, "cut at {n}"),
            (Err(whole), Err(pieces)) => assert_eq!(whole, pieces, "cut at {n}"),
            _ => panic!("whole {whole:?}, cut at {n} {pieces:?}"),
        }
    }
    if let Ok(words) = whole {
        say(&words);
    }
}

fn read<'s>(chunks: impl Iterator<Item = &'s [u8]>) -> Result<String, StreamError> {
    let mut completion = Completion::default();
    let mut words = String::new();
    for chunk in chunks {
        words.push_str(&completion.push(chunk)?);
    }
    Ok(words)
}

fn say(words: &str) {
    let source = Source {
        title: "Hours".into(),
        heading: None,
        url: Some("https://docs.example/".into()),
    };
    let links = LinkPolicy::new(&[], source.url.as_deref().into_iter());
    let withhold = ["secret plan".to_owned()];
    let mut filter = OutputFilter::new(Rules::new(&withhold, KEY, links, &[source]));
    let mut shown = String::new();
    let mut letters = words.chars();
    let outcome: Result<(), RejectedOutput> = letters.try_for_each(|letter| {
        shown.push_str(&filter.push(letter.encode_utf8(&mut [0; 4]))?);
        Ok(())
    });
    let kept = outcome.and_then(|()| filter.finish());
    let text = kept.map(|answer| answer.text).unwrap_or_default();
    for said in [shown, text] {
        assert!(!phrase::any_in(&withhold, &said), "{said}");
        let bare: String = said.chars().filter(|c| c.is_alphanumeric()).collect();
        assert!(!bare.to_lowercase().contains(KEY), "{said}");
        let foreign = said.to_lowercase().replace("https://docs.example", "");
        assert!(
            !foreign.contains("https://") || !foreign.contains("://evil"),
            "{said}"
        );
    }
}
