//! `{{ variable }}` templates, as they stand in values of the manifest.

use anyhow::{Result, bail};

/// Text with holes for application variables.
#[derive(Debug, Clone, PartialEq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    Variable(String),
}

impl Template {
    /// Parses a template; braces that are not closed are an error.
    pub fn parse(text: &str) -> Result<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let Some((name, after)) = after.split_once("}}") else {
                bail!("{text:?} opens \"{{{{\" and does not close it");
            };
            parts.push(Part::Variable(name.trim().to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// True when there is nothing to fill in.
    pub fn is_literal(&self) -> bool {
        self.0.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// Fills the holes; `value` answers for each variable.
    pub fn fill(&self, mut value: impl FnMut(&str) -> Result<String>) -> Result<String> {
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Variable(name) => filled.push_str(&value(name)?),
            }
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str) -> String {
        Template::parse(text)
            .unwrap()
            .fill(|name| Ok(format!("<{name}>")))
            .unwrap()
    }

    #[test]
    fn holes_are_filled_wherever_they_stand() {
        assert_eq!(fill("plain"), "plain");
        assert_eq!(fill(""), "");
        assert_eq!(fill("{{ a }}{{b}}"), "<a><b>");
        assert_eq!(fill("redis://{{ host }}/?lane=1"), "redis://<host>/?lane=1");
    }

    #[test]
    fn open_braces_are_an_error() {
        assert!(Template::parse("{{ a }} {{ b").is_err());
    }

    #[test]
    fn only_text_is_literal() {
        assert!(Template::parse("a}}b").unwrap().is_literal());
        assert!(!Template::parse("{{a}}").unwrap().is_literal());
    }
}
