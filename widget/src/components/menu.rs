//! The menu in the header: the visitor's own data, and the end of the chat.

use oriel_shared::wire::visitor::Status;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusEvent, HtmlElement, KeyboardEvent, Node};

use crate::{
    app::App,
    browser,
    dom::{add, button, document, element, icon, say, set, show},
    state::{Aside, Connection},
};

/// Draws the button and what it opens.
pub fn menu(app: &'static App) -> Element {
    let strings = app.strings;
    let list = element("div", "menu", &[]);
    set(&list, "role", "menu");
    set(&list, "aria-label", strings.menu);
    let toggle = element("button", "icon", &[&icon("M12 5v.01M12 12v.01M12 19v.01")]);
    set(&toggle, "type", "button");
    set(&toggle, "aria-label", strings.menu);
    set(&toggle, "aria-haspopup", "menu");
    let place = element("div", "place", &[&toggle, &list]);

    let open = {
        let (toggle, list) = (toggle.clone(), list.clone());
        move |is_open: bool| {
            show(&list, is_open);
            set(
                &toggle,
                "aria-expanded",
                if is_open { "true" } else { "false" },
            );
        }
    };
    open(false);
    let item = |words: &str, action: fn(&'static App)| {
        let (open, toggle) = (open.clone(), toggle.clone());
        let item = button("", move || {
            open(false);
            // The item goes away; whoever chose it by keyboard must not be lost.
            focus(Some(&toggle));
            action(app);
        });
        say(&item, words);
        set(&item, "role", "menuitem");
        set(&item, "tabindex", "-1");
        add(&list, &item);
        item
    };
    let download = item(strings.download, App::download);
    let end = item(strings.end, |app| app.end());
    let erase = item(strings.erase, |app| app.set_aside(Aside::Erase));

    let shown = {
        let items = [download.clone(), end.clone(), erase];
        move || -> Vec<Element> {
            let mut shown = items.to_vec();
            shown.retain(|item| !item.has_attribute("hidden"));
            shown
        }
    };
    let (list_now, open_now, shown_now) = (list.clone(), open.clone(), shown.clone());
    browser::listen(&toggle, "click", move || {
        let is_open = list_now.has_attribute("hidden");
        open_now(is_open);
        if is_open {
            focus(shown_now().first());
        }
    });
    let (list_now, open_now, button) = (list.clone(), open.clone(), toggle.clone());
    browser::on(&place, "keydown", move |event: KeyboardEvent| {
        let items = shown();
        let active = document().active_element();
        let place = items.iter().position(|item| active.as_ref() == Some(item));
        let next = match &*event.key() {
            "ArrowDown" => place.map_or(0, |place| (place + 1) % items.len()),
            "ArrowUp" => place.unwrap_or(0).checked_sub(1).unwrap_or(items.len() - 1),
            "Home" => 0,
            "End" => items.len() - 1,
            "Escape" if !list_now.has_attribute("hidden") => {
                // The menu closes, and not the chat.
                event.stop_propagation();
                open_now(false);
                return focus(Some(&button));
            }
            _ => return,
        };
        event.prevent_default();
        open_now(true);
        focus(items.get(next));
    });
    let inside = place.clone();
    browser::on(&place, "focusout", move |event: FocusEvent| {
        let to = event.related_target();
        if !inside.contains(to.as_ref().and_then(|to| to.dyn_ref::<Node>())) {
            open(false);
        }
    });

    let whole = place.clone();
    app.follow(move |chat| {
        show(&download, !chat.is_empty());
        let can_end = chat.connection == Connection::Online && chat.status != Status::Closed;
        show(&end, can_end && !chat.is_empty());
        show(&whole, !matches!(chat.connection, Connection::Refused(_)));
    });
    place
}

fn focus(element: Option<&Element>) {
    if let Some(element) = element {
        let _ = element.unchecked_ref::<HtmlElement>().focus();
    }
}
