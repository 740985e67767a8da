//! How we stand with the edge, when that is worth a word: connecting, lost, limited; or refused, and why; or kept by nobody but this
//! page.

use crate::{
    app::App,
    dom::{element, find, words},
    state::{Refusal, Standing},
};

/// Draws the line above the composer, and the page that takes the place of the chat.
pub fn notice(app: &'static App) {
    let strings = app.strings;
    let text = element("span", "", &[]);
    let left = element("span", "", &[]);
    // Shown, but not announced every second.
    left.set("aria-hidden", "true");
    let line = element("p", "notice", &[text, left]);
    let why = element("p", "", &[]);
    let refused = element("div", "refused", &[words("h2", "", strings.refused()), why]);
    let fleeting = words("p", "notice", strings.fleeting());
    let notices = find("notices");
    for notice in &[fleeting, line, refused] {
        notices.add(*notice);
    }
    app.follow(move |chat| {
        let standing = chat.standing;
        fleeting.show(chat.is_fleeting && standing == Standing::Online);
        let words = match standing {
            Standing::Online | Standing::Refused(_) => "",
            Standing::Connecting => strings.connecting(),
            Standing::Reconnecting => strings.reconnecting(),
            Standing::Limited { .. } => strings.limited(),
        };
        text.say(words);
        line.show(!words.is_empty());
        line.set(
            "class",
            if standing == Standing::Connecting {
                "notice"
            } else {
                "notice lost"
            },
        );
        let countdown = match standing {
            Standing::Limited { until } => {
                let left_s = until.0.saturating_sub(chat.clock.0).div_ceil(1000);
                strings.limited_for().with(left_s as u32)
            }
            _ => String::new(),
        };
        left.say(&countdown);
        let reason = match standing {
            Standing::Refused(Refusal::Origin) => strings.refused_origin(),
            Standing::Refused(Refusal::Site) => strings.refused_site(),
            Standing::Refused(Refusal::Identity) => strings.refused_identity(),
            Standing::Refused(Refusal::Alone) => strings.refused_alone(),
            _ => "",
        };
        why.say(reason);
        refused.show(!reason.is_empty());
    });
}
