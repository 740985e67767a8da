//! The security log: one JSON line an event, on the runtime's log.

use oriel_shared::event::Event;

/// Writes a line.
pub fn write(event: &Event<'_>) {
    worker::console_log!("{}", event.line());
}
