use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{ELEMENT, Session};
use crate::stage::wait;

/// What a person does with a page.
impl Session {
    /// Clicks the first element in sight that an `XPath` names.
    pub(crate) fn click(&self, path: &str) -> Result<()> {
        self.with(path, |element| {
            self.post(&format!("element/{element}/click"), json!({}))
        })
        .map(drop)
        .with_context(|| format!("a click on {path}"))
    }

    /// Types into the first element in sight that an `XPath` names, after emptying it.
    pub(crate) fn fill(&self, path: &str, text: &str) -> Result<()> {
        self.with(path, |element| {
            self.post(&format!("element/{element}/clear"), json!({}))?;
            self.post(&format!("element/{element}/value"), json!({"text": text}))
        })
        .map(drop)
        .with_context(|| format!("typing into {path}"))
    }

    /// Presses a key wherever the focus is.
    pub(crate) fn press(&self, key: char) -> Result<()> {
        self.press_with(&[], key)
    }

    /// Presses a key while others are held down.
    pub(crate) fn press_with(&self, held: &[char], key: char) -> Result<()> {
        let down = |key: &char| json!({"type": "keyDown", "value": key});
        let up = |key: &char| json!({"type": "keyUp", "value": key});
        let actions: Vec<Value> = held
            .iter()
            .map(down)
            .chain([down(&key), up(&key)])
            .chain(held.iter().rev().map(up))
            .collect();
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": actions});
        self.post("actions", json!({"actions": [keyboard]})).map(drop)
    }

    /// Does something with the first element in sight that an `XPath` names. With one that the page draws anew between the
    /// look and the act nothing was done: then it is the new one's turn.
    pub(super) fn with<T>(&self, path: &str, act: impl Fn(&str) -> Result<T>) -> Result<T> {
        wait(path, || match act(&self.find(path)?) {
            Err(error) if error.to_string().contains("stale element reference") => Ok(None),
            done => done.map(Some),
        })
    }

    /// The first element in sight that an `XPath` names.
    fn find(&self, path: &str) -> Result<String> {
        wait(path, || {
            let found = self.post("elements", json!({"using": "xpath", "value": path}));
            // Between two windows there is none to ask.
            let found = found.unwrap_or_default();
            let ids = found.as_array().into_iter().flatten();
            let ids = ids.filter_map(|element| element[ELEMENT].as_str());
            let mut in_sight = ids.filter(|id| {
                // What has gone by now is out of sight too.
                self.get(&format!("element/{id}/displayed"))
                    .is_ok_and(|is| is == true)
            });
            Ok(in_sight.next().map(str::to_owned))
        })
    }
}
