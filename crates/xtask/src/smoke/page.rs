//! The page's parts by their roles and names, as `XPath`. No name may hold an apostrophe.

/// The names in the list that is shown.
pub(super) const NAMES: &str = "//*[@role='table']//*[@role='row']//button";

/// The details beside the list.
pub(super) const DETAILS: &str = "//aside";

/// A button, by how its name begins: the key it has stands behind.
pub(super) fn button(name: &str) -> String {
    format!(
        "//button[starts-with(@aria-label, '{name}') or \
         not(@aria-label) and starts-with(normalize-space(), '{name}')]"
    )
}

/// An entry of the menu that is open.
pub(super) fn entry(name: &str) -> String {
    format!("//*[@role='menu']//button[normalize-space() = '{name}']")
}

/// A field for text, by its label.
pub(super) fn field(label: &str) -> String {
    format!("//label[contains(., '{label}')]//input | //input[@id = //label[contains(., '{label}')]/@for]")
}

/// One of a few, by its label.
pub(super) fn choice(group: &str, name: &str) -> String {
    format!("//*[@role='radiogroup' and @aria-label='{group}']//label[normalize-space() = '{name}']")
}

/// A switch, by its name.
pub(super) fn switch(name: &str) -> String {
    format!("//input[@role='switch' and @aria-label='{name}']")
}

/// A section, by its name or its heading.
pub(super) fn region(name: &str) -> String {
    named("section", name)
}

/// A group of buttons, by its name.
pub(super) fn group(name: &str) -> String {
    format!("//*[@role='group' and @aria-label='{name}']")
}

/// The dialogue that is open, by its heading.
pub(super) fn dialog(name: &str) -> String {
    named("dialog[@open]", name)
}

/// A row of a list, by whose it is.
pub(super) fn row(name: &str) -> String {
    format!("//*[@role='row' and .//button[normalize-space() = '{name}']]")
}

fn named(element: &str, name: &str) -> String {
    format!("//{element}[@aria-label = '{name}' or @aria-labelledby = //*[normalize-space() = '{name}']/@id]")
}
