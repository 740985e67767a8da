//! Joins the frame's program and its script by names of one letter.
//!
//! wasm-bindgen names each function between them after a hash, twice; hashes do not pack. `wasm-opt` gives them short
//! names and says which, and what wasm-bindgen would have written to start the program is written here with those.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Context, Result};
use serde::Deserialize;

/// What wasm-bindgen calls the script that belongs to the program.
pub const BINDINGS: &str = "./oriel_widget_bg.js";

/// The pass of `wasm-opt` that gives the names. Everything is imported from [`MODULE`] then.
pub const PASS: &str = "--minify-imports-and-exports-and-modules";
const MODULE: &str = "a";

/// What the program begins with.
const START: &str = "__wbindgen_start";

/// What the pass says.
#[derive(Deserialize)]
pub struct Names {
    /// Module, name, new name.
    imports: Vec<(String, String, String)>,
    /// Name, new name.
    exports: Vec<(String, String)>,
}

impl Names {
    /// Reads them.
    ///
    /// # Errors
    /// When that is not what `wasm-opt` wrote.
    pub fn read(text: &str) -> Result<Self> {
        serde_json::from_str(text).context("wasm-opt tells no names")
    }

    /// A module beside the bindings, whose text is given: its default export starts the program that a response holds,
    /// `exported` are the program's own functions. Of what the program offers, the bindings get what they name.
    pub fn script(&self, exported: &[&str], bound: &str) -> String {
        let mut modules: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut imported = Vec::new();
        for (module, name, short) in &self.imports {
            // A name that stands for itself could be a word of the language.
            let inside = format!("_{short}");
            let names = modules.entry(module).or_default();
            names.push(format!("{name} as {inside}"));
            imported.push(format!("{short}: {inside}"));
        }
        let bindings = modules.entry(BINDINGS).or_default();
        bindings.push("__wbg_set_wasm".to_owned());
        let mut script = String::new();
        for (module, names) in modules {
            let _cannot_fail =
                writeln!(script, "import {{ {} }} from {module:?};", names.join(", "));
        }
        let exports = self.exports.iter();
        let exports: Vec<String> = exports
            .filter(|(name, _)| *name == START || bound.contains(&format!("wasm.{name}")))
            .map(|(name, short)| format!("{name}: it.{short}"))
            .collect();
        let _cannot_fail = write!(
            script,
            "export {{ {} }} from {BINDINGS:?};
export default async (response) => {{
  const {{ instance }} = await WebAssembly.instantiateStreaming(response, {{ {MODULE}: {{ {} }} }});
  const it = instance.exports;
  const wasm = {{ {} }};
  __wbg_set_wasm(wasm);
  wasm.{START}();
}};
",
            exported.join(", "),
            imported.join(", "),
            exports.join(", ")
        );
        script
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_hands_over_every_import_under_its_short_name() -> Result<()> {
        let names = Names::read(
            r#"{"imports": [["./oriel_widget_bg.js", "__wbg_set_1", "A"], ["./own.js", "now", "B"],
                ["./oriel_widget_bg.js", "__wbg_add_2", "do"]],
                "exports": [["memory", "a"], ["__wbindgen_start", "b"], ["__wbindgen_free", "c"]]}"#,
        )?;
        let script = names.script(&["start"], "wasm.memory.buffer");
        for part in [
            r#"import { __wbg_set_1 as _A, __wbg_add_2 as _do, __wbg_set_wasm } from "./oriel_widget_bg.js";"#,
            r#"import { now as _B } from "./own.js";"#,
            r#"export { start } from "./oriel_widget_bg.js";"#,
            "{ a: { A: _A, B: _B, do: _do } }",
            "{ memory: it.a, __wbindgen_start: it.b }",
        ] {
            assert!(script.contains(part), "{part} in {script}");
        }
        Ok(())
    }

    #[test]
    fn what_tells_no_names_is_an_error() {
        assert!(Names::read("").is_err());
    }
}
