//! The whole frame: header, log, notices, composer.

use super::{aside, composer, header, log, notice};
use crate::{app::App, dom::find};

/// Where the aside stands: behind header, log and notices, in front of the composer.
const ASIDE: usize = 3;

/// Takes over what the edge's document has drawn, and draws the rest into it. What is there stays the same element: the
/// visitor may be writing in it.
pub fn frame(app: &'static App) {
    header::header(app);
    log::log(app);
    notice::notice(app);
    find("frame").place(aside::aside(app), ASIDE);
    composer::composer(app);
}
