//! Which language a reader gets of what the shop itself says to people: letters, notifications, pages.

/// A language that there are texts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English, also for everybody whose language is missing.
    English,
    /// Vietnamese.
    Vietnamese,
}

impl Language {
    /// What `?locale=` asks for, otherwise what `Accept-Language` prefers, otherwise English.
    #[must_use]
    pub fn choose(locale: Option<&str>, accept_language: Option<&str>) -> Self {
        locale
            .and_then(Self::of_tag)
            .or_else(|| accept_language.and_then(preferred))
            .unwrap_or(Self::English)
    }

    /// The tag for `Content-Language`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Vietnamese => "vi",
        }
    }

    /// By the first subtag of a BCP 47 tag; `vi_VN` is read like `vi-VN`.
    fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().trim();
        if primary.eq_ignore_ascii_case("vi") {
            Some(Self::Vietnamese)
        } else if primary.eq_ignore_ascii_case("en") {
            Some(Self::English)
        } else {
            None
        }
    }
}

/// The language of the greatest weight (RFC 9110 §12.5.4); the first of equals.
fn preferred(accept_language: &str) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for range in accept_language.split(',').take(20) {
        let mut parts = range.split(';');
        let Some(language) = parts.next().and_then(Language::of_tag) else {
            continue;
        };
        let weight = parts
            .find_map(|p| p.trim().strip_prefix("q=").map(|q| q.trim().parse::<f32>()))
            .map_or(1.0, |q| q.unwrap_or(0.0));
        if weight > 0.0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameter_wins_over_the_header() {
        assert_eq!(
            Language::choose(Some("vi-VN"), Some("en")),
            Language::Vietnamese
        );
        assert_eq!(
            Language::choose(Some("en_GB"), Some("vi")),
            Language::English
        );
    }

    #[test]
    fn a_parameter_in_no_language_of_ours_leaves_it_to_the_header() {
        assert_eq!(
            Language::choose(Some("fr"), Some("vi")),
            Language::Vietnamese
        );
        assert_eq!(Language::choose(Some(""), None), Language::English);
    }

    #[test]
    fn the_header_is_read_by_weight() {
        let choose = |header| Language::choose(None, Some(header));
        assert_eq!(choose("fr-FR, vi;q=0.8, en;q=0.9"), Language::English);
        assert_eq!(choose("fr, VI-vn ; q=0.5"), Language::Vietnamese);
        assert_eq!(choose("vi, en"), Language::Vietnamese);
        assert_eq!(choose("vi;q=0"), Language::English);
        assert_eq!(choose("vi;q=x, ;;,=, *"), Language::English);
    }
}
