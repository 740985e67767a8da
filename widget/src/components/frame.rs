//! The whole iframe: header, log, notices, composer.

use super::{composer, header, log, notice, prompt};
use crate::{app::App, dom::find};

/// Where the prompt stands: behind header, log and notices, in front of the composer.
const PROMPT: usize = 3;

/// Takes over what the edge's document has drawn, and draws the rest into it. What is there stays the same element: the
/// visitor may be writing in it.
pub fn frame(app: &'static App) {
    header::header(app);
    log::log(app);
    notice::notice(app);
    find("frame").place(prompt::prompt(app), PROMPT);
    composer::composer(app);
}
