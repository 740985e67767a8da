//! The rooms of the worker are described from the lowest layer to the highest.

use super::pages::read;

#[test]
fn the_rooms_of_the_worker_are_listed_in_the_order_of_their_layers() {
    let source = read("worker/src/tidy/layers.rs");
    let layers = source.split_once("const LAYERS").expect("the layers").1;
    let layers = layers.split_once("];").expect("their end").0;
    let page = read("docs/ARCHITECTURE.md");
    let section = page
        .split_once("\n## Inside the worker\n")
        .expect("a section on the worker");
    let section = section.1.split("\n## ").next().unwrap_or_default();
    let mut last = 0;
    let mut n_rooms = 0;
    for layer in layers
        .lines()
        .filter(|line| line.trim_start().starts_with("&[\""))
    {
        let mut end = last;
        for room in layer.split('"').skip(1).step_by(2) {
            // Tests alone.
            if room == "tidy" {
                continue;
            }
            let paths = [
                format!("`worker/src/{room}/`"),
                format!("`worker/src/{room}.rs`"),
            ];
            let at = paths.iter().find_map(|path| section.find(path));
            let at = at.unwrap_or_else(|| panic!("docs/ARCHITECTURE.md lacks the room `{room}`"));
            assert!(
                at >= last,
                "docs/ARCHITECTURE.md has `{room}` before rooms of lower layers"
            );
            end = end.max(at);
            n_rooms += 1;
        }
        last = end;
    }
    assert!(n_rooms > 8, "only {n_rooms} rooms were found");
}
