//! Elements, as the accessibility tree has them.

use serde_json::{Value, json};

use super::frame::Frame;

/// An element as the accessibility tree has it.
#[derive(Clone, Debug)]
pub struct Element {
    /// The browser's own name for the node.
    pub(super) node: u64,
    /// `button`, `textbox`, `link`, …
    pub role: String,
    /// What a screen reader says.
    pub name: String,
    /// Value of a field.
    pub value: String,
    /// Whether keys go to it.
    pub is_focused: bool,
    /// `expanded`, `disabled`, `live`, … as the browser has them.
    pub properties: Vec<(String, Value)>,
}

impl Element {
    /// A property's value as text; `None` when it has none.
    pub fn property(&self, name: &str) -> Option<String> {
        let (_, value) = self
            .properties
            .iter()
            .find(|(its_name, _)| its_name == name)?;
        Some(
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
        )
    }
}

impl Frame {
    /// Everything in the accessibility tree that has a role, closed shadow roots included, frames not.
    pub fn elements(&self) -> Vec<Element> {
        let tree = self
            .try_call("Accessibility.getFullAXTree", &json!({}))
            .unwrap_or_default();
        elements(tree["nodes"].as_array().map_or(&[][..], Vec::as_slice))
    }

    /// Everything that [`Frame::elements`] finds, in the order in which a screen reader comes by.
    pub fn in_reading_order(&self) -> Vec<Element> {
        let tree = self
            .try_call("Accessibility.getFullAXTree", &json!({}))
            .unwrap_or_default();
        let nodes = tree["nodes"].as_array().cloned().unwrap_or_default();
        let mut waiting: Vec<&Value> = nodes.iter().take(1).collect();
        let mut ordered = Vec::with_capacity(nodes.len());
        while let Some(node) = waiting.pop() {
            ordered.push(node.clone());
            let children = node["childIds"].as_array().into_iter().flatten().rev();
            waiting
                .extend(children.filter_map(|id| nodes.iter().find(|node| node["nodeId"] == *id)));
        }
        elements(&ordered)
    }

    /// The elements of a role whose name holds `name`, now.
    pub fn all(&self, role: &str, name: &str) -> Vec<Element> {
        self.elements()
            .into_iter()
            .filter(|element| element.role == role && element.name.contains(name))
            .collect()
    }

    /// Waits for an element of a role whose name holds `name`.
    #[track_caller]
    pub fn element(&self, role: &str, name: &str) -> Element {
        self.until(&format!("{role} `{name}`"), |frame| {
            frame.all(role, name).into_iter().next()
        })
    }

    /// Waits until an element of a role whose name holds `name` has the focus.
    #[track_caller]
    pub fn focused(&self, role: &str, name: &str) -> Element {
        self.until(&format!("the focus on {role} `{name}`"), |frame| {
            let mut elements = frame.all(role, name).into_iter();
            elements.find(|element| element.is_focused)
        })
    }
}

/// Reads nodes of the accessibility tree, without those that it ignores.
fn elements(nodes: &[Value]) -> Vec<Element> {
    let text = |value: &Value| value["value"].as_str().unwrap_or_default().to_owned();
    nodes
        .iter()
        .filter(|node| node["ignored"] != json!(true))
        .map(|node| {
            let properties: Vec<(String, Value)> = node["properties"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|property| {
                    Some((
                        property["name"].as_str()?.to_owned(),
                        property["value"]["value"].clone(),
                    ))
                })
                .collect();
            Element {
                node: node["backendDOMNodeId"].as_u64().unwrap_or_default(),
                role: text(&node["role"]),
                name: text(&node["name"]),
                value: text(&node["value"]),
                is_focused: properties
                    .iter()
                    .any(|(name, value)| name == "focused" && *value == json!(true)),
                properties,
            }
        })
        .collect()
}
