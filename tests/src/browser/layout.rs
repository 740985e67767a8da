//! How a document looks: to axe-core, to a ruler, and to a camera.

use base64::Engine;
use serde_json::{Value, json};

use super::frame::Frame;
use super::page::Page;
use crate::edge::workspace;

/// Finds what nobody should have to scroll sideways for, hunt for, or miss. Names with an ellipsis and the field that
/// grows are cut on purpose.
const RULER: &str = r#"(() => {
  const faults = [];
  const shown = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: false });
  const call = element => element.tagName.toLowerCase() + "." + (element.getAttribute("class") || "")
    + " “" + element.textContent.trim().slice(0, 40) + "”";
  const { scrollWidth, scrollHeight } = document.documentElement;
  if (scrollWidth > innerWidth) faults.push(`the page is ${scrollWidth} wide in ${innerWidth}`);
  if (scrollHeight > innerHeight + 1) faults.push(`the page is ${scrollHeight} high in ${innerHeight}`);
  for (const element of document.querySelectorAll("body *")) {
    if (!shown(element) || element.closest(".sr-only, svg")) continue;
    const style = getComputedStyle(element);
    const isCut = style.overflowX == "hidden" && !element.matches("h1, .title, .heading, .field");
    if (element.scrollWidth > element.clientWidth + 1 && style.display != "inline"
      && !element.matches("h1, .title, .heading, pre, .table, table, textarea") && (isCut || element.matches(".scroll")))
      faults.push(`${call(element)} is ${element.scrollWidth} wide in ${element.clientWidth}`);
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    if ((box.left < -0.5 || box.right > innerWidth + 0.5) && !element.closest("pre, .table"))
      faults.push(`${call(element)} is at ${box.left} to ${box.right}`);
    if (element.matches("button, input, textarea") && (box.width < 23.9 || box.height < 23.9))
      faults.push(`${call(element)} is ${box.width} by ${box.height}`);
    if (element.matches(".composer") && (box.top < 0 || box.bottom > innerHeight + 0.5))
      faults.push(`the composer is at ${box.top} to ${box.bottom} of ${innerHeight}`);
  }
  return faults;
})()"#;

/// A screen and what its owner likes.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// In CSS pixels.
    pub width: u32,
    /// In CSS pixels.
    pub height: u32,
    /// Whether fingers touch it.
    pub is_touched: bool,
    /// `light` or `dark`.
    pub scheme: &'static str,
    /// Whether its owner's system sets all colours, for contrast.
    pub is_forced: bool,
}

impl Frame {
    /// What axe-core has against the document, a line each; nested frames are theirs to answer for.
    ///
    /// # Panics
    /// When it does not run.
    #[track_caller]
    pub fn axe(&self) -> Vec<String> {
        if self.evaluate("typeof axe") != "object" {
            let path = workspace().join("node_modules/axe-core/axe.min.js");
            let source = std::fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            self.evaluate(&format!("{source}\n;0"));
        }
        let run = "axe.run(document, { iframes: false, resultTypes: ['violations'] }).then(({ violations }) => \
            violations.map(({ id, help, nodes }) => `${id}: ${help}: ` + nodes.map(({ html, any }) => \
            html.slice(0, 120) + ' ' + any.map(({ message }) => message).join()).join(' | ')))";
        lines(&self.evaluate(run))
    }

    /// What is too wide, cut off, too small to hit, or out of sight, a line each.
    #[track_caller]
    pub fn measure(&self) -> Vec<String> {
        lines(&self.evaluate(RULER))
    }

    /// Shows this document in this screen's colours, without motion, so that a picture of it is the same twice.
    #[track_caller]
    pub fn prepare_picture(&self, screen: &Screen) {
        let forced = if screen.is_forced { "active" } else { "none" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": screen.scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
            { "name": "forced-colors", "value": forced },
        ]);
        self.call(
            "Emulation.setEmulatedMedia",
            &json!({ "features": features }),
        );
    }

    /// Waits until what has changed is drawn.
    #[track_caller]
    pub fn settle(&self) {
        self.evaluate(
            "new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(() => drawn(0))))",
        );
    }
}

fn lines(value: &Value) -> Vec<String> {
    let lines = value.as_array().into_iter().flatten();
    lines
        .filter_map(|line| line.as_str().map(str::to_owned))
        .collect()
}

impl Page {
    /// Shows the page on this screen.
    #[track_caller]
    pub fn emulate(&self, screen: &Screen) {
        let metrics = json!({
            "width": screen.width, "height": screen.height, "deviceScaleFactor": 1, "mobile": screen.is_touched,
        });
        self.call("Emulation.setDeviceMetricsOverride", &metrics);
        let touch = json!({ "enabled": screen.is_touched });
        self.call("Emulation.setTouchEmulationEnabled", &touch);
        self.prepare_picture(screen);
    }

    /// Gives the screen a notch and a bar, as high as this at its top and bottom, that pages may reach under.
    #[track_caller]
    pub fn set_safe_area(&self, top: u32, bottom: u32) {
        let insets = json!({ "insets": { "top": top, "bottom": bottom } });
        self.call("Emulation.setSafeAreaInsetsOverride", &insets);
    }

    /// Runs this before the scripts of every document that is loaded from now on.
    #[track_caller]
    pub fn run_before_scripts(&self, script: &str) {
        let source = json!({ "source": script });
        self.call("Page.addScriptToEvaluateOnNewDocument", &source);
    }

    /// A picture of what is shown, as WebP in base64.
    #[track_caller]
    pub fn photograph(&self) -> String {
        let what = json!({ "format": "webp", "quality": 80 });
        let answer = self.call("Page.captureScreenshot", &what);
        answer["data"].as_str().unwrap_or_default().to_owned()
    }

    /// Makes this empty page a sheet of pictures with words over each, a row of them each, and takes its picture.
    ///
    /// # Panics
    /// When it cannot.
    #[track_caller]
    pub fn contact_sheet(&self, rows: &[(String, Vec<(String, String)>)]) -> Vec<u8> {
        let draw = "(rows) => {
            document.documentElement.style.cssText = 'background:#777;color:#fff;font:600 14px system-ui;overflow:hidden';
            document.body.style.cssText = 'margin:12px;display:inline-block';
            const all = [];
            for (const [name, shots] of rows) {
                const title = document.body.appendChild(document.createElement('div'));
                title.textContent = name;
                title.style.margin = '8px 0 4px';
                const row = document.body.appendChild(document.createElement('div'));
                row.style.cssText = 'display:flex;gap:8px';
                for (const [under, data] of shots) {
                    const figure = row.appendChild(document.createElement('div'));
                    const image = figure.appendChild(new Image());
                    image.src = 'data:image/webp;base64,' + data;
                    image.style.cssText = 'display:block;block-size:400px';
                    const words = figure.appendChild(document.createElement('div'));
                    words.textContent = under;
                    words.style.font = '11px system-ui';
                    all.push(image.decode());
                }
            }
            return Promise.all(all).then(() => [document.body.offsetWidth + 24, document.body.offsetHeight + 24]);
        }";
        let rows = serde_json::to_string(rows).expect("JSON");
        let size = self.evaluate(&format!("document.body.textContent = '', ({draw})({rows})"));
        let (width, height) = (size[0].as_u64(), size[1].as_u64());
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.call("Emulation.setDeviceMetricsOverride", &metrics);
        let what = json!({ "format": "webp", "quality": 55 });
        let answer = self.call("Page.captureScreenshot", &what);
        base64::prelude::BASE64_STANDARD
            .decode(answer["data"].as_str().unwrap_or_default())
            .expect("Chromium writes base64")
    }
}
