//! The menu in the header: the visitor's conversations, transcript and erasure, and the end of the chat.

use oriel_shared::wire::visitor::{ClientFrame, Status};

use crate::{
    app::App,
    dom::{Node, button, element, find},
    state::Prompt,
};

/// Takes the button over, and draws what it opens.
pub fn menu(app: &'static App) {
    let strings = app.strings;
    let list = element("div", "menu", &[]);
    list.set("role", "menu");
    list.set("aria-labelledby", "menu");
    let (place, toggle) = (find("place"), find("menu"));
    place.add(list);
    toggle.enable(true);

    let open = move |is_open: bool| {
        list.show(is_open);
        toggle.mark("aria-expanded", is_open);
    };
    open(false);
    let item = |words: &str, action: fn(&'static App)| {
        let item = button("", words, move || {
            open(false);
            // The item goes away; a visitor who chose it by keyboard must not lose the focus.
            toggle.focus();
            action(app);
        });
        item.set("role", "menuitem");
        item.set("tabindex", "-1");
        list.add(item);
        item
    };
    let conversations = item(strings.conversations(), App::list_conversations);
    let download = item(strings.download(), App::download);
    let end = item(strings.end(), |app| app.act(|_| ClientFrame::End {}));
    let erase = item(strings.erase(), |app| app.prompt(Prompt::ConfirmErase));

    let shown = move || {
        let mut shown = vec![conversations, download, end, erase];
        shown.retain(|item| !item.is_hidden());
        shown
    };
    toggle.listen("click", move || {
        let is_open = list.is_hidden();
        open(is_open);
        if is_open {
            focus(shown().first());
        }
    });
    place.on("keydown", move |event| {
        let items = shown();
        let place = items.iter().position(|item| item.is_active());
        let next = match &*event.key() {
            "ArrowDown" => place.map_or(0, |place| (place + 1) % items.len()),
            "ArrowUp" => place.unwrap_or(0).checked_sub(1).unwrap_or(items.len() - 1),
            "Home" => 0,
            "End" => items.len() - 1,
            "Escape" if !list.is_hidden() => {
                // The menu closes, and not the chat.
                event.stop();
                open(false);
                return toggle.focus();
            }
            _ => return,
        };
        event.prevent();
        open(true);
        focus(items.get(next));
    });
    place.on("focusout", move |event| {
        if !event.stays_within(place) {
            open(false);
        }
    });

    app.subscribe(move |chat| {
        download.show(!chat.is_empty());
        let is_online = chat.is_online();
        conversations.show(chat.has_several && is_online);
        end.show(is_online && chat.status != Status::Closed && !chat.is_empty());
        place.show(!chat.is_unavailable());
    });
}

fn focus(element: Option<&Node>) {
    if let Some(element) = element {
        element.focus();
    }
}
