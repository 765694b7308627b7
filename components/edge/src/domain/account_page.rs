//! `/verify`, `/reset-password` and `/forgot-password` as HTML: a frame and a form for each, with the texts of a
//! language in them. `{name}` stands in both for the text of that name.

use stoa_kit::language::Language;

const FRAME: &str = include_str!("../pages/account.html");
/// What may come of a form, as the script calls it, in the order of the page. Each page says some of it.
const OUTCOMES: [&str; 6] = ["done", "expired", "missing", "invalid", "later", "failed"];

/// Lines of a name, a colon and a text, which is HTML.
struct Texts {
    english: &'static str,
    vietnamese: &'static str,
}

/// What every page says.
const EVERYWHERE: Texts = Texts {
    english: include_str!("../pages/account.en.txt"),
    vietnamese: include_str!("../pages/account.vi.txt"),
};

/// One of the pages.
pub struct AccountPage {
    /// Where it is.
    pub path: &'static str,
    /// What the script calls it.
    pub name: &'static str,
    form: &'static str,
    texts: Texts,
}

/// All of them.
pub const PAGES: [AccountPage; 3] = [
    AccountPage {
        path: "/verify",
        name: "verify",
        form: include_str!("../pages/verify.form.html"),
        texts: Texts {
            english: include_str!("../pages/verify.en.txt"),
            vietnamese: include_str!("../pages/verify.vi.txt"),
        },
    },
    AccountPage {
        path: "/reset-password",
        name: "reset",
        form: include_str!("../pages/reset-password.form.html"),
        texts: Texts {
            english: include_str!("../pages/reset-password.en.txt"),
            vietnamese: include_str!("../pages/reset-password.vi.txt"),
        },
    },
    AccountPage {
        path: "/forgot-password",
        name: "forgot",
        form: include_str!("../pages/forgot-password.form.html"),
        texts: Texts {
            english: include_str!("../pages/forgot-password.en.txt"),
            vietnamese: include_str!("../pages/forgot-password.vi.txt"),
        },
    },
];

impl Texts {
    fn of(&self, language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
        let lines = match language {
            Language::English => self.english,
            Language::Vietnamese => self.vietnamese,
        };
        lines.lines().filter_map(|line| line.split_once(": "))
    }
}

impl AccountPage {
    /// The page in a language.
    #[must_use]
    pub fn html(&self, language: Language) -> String {
        let texts: Vec<_> = self
            .texts
            .of(language)
            .chain(EVERYWHERE.of(language))
            .collect();
        let outcomes: String = OUTCOMES
            .iter()
            .filter_map(|outcome| texts.iter().find(|(name, _)| name == outcome))
            .map(|(name, text)| {
                format!("<p data-outcome=\"{name}\" tabindex=\"-1\" hidden>{text}</p>\n")
            })
            .collect();
        let parts = [
            ("form", self.form.trim_end()),
            ("outcomes", outcomes.trim_end()),
            ("language", language.tag()),
            ("page", self.name),
        ];
        parts
            .iter()
            .chain(&texts)
            .fold(FRAME.to_owned(), |html, (name, text)| {
                html.replace(&format!("{{{name}}}"), text)
            })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const LANGUAGES: [Language; 2] = [Language::English, Language::Vietnamese];

    /// The values of an attribute in a page.
    fn values<'a>(html: &'a str, attribute: &str) -> BTreeSet<&'a str> {
        let marked = format!("{attribute}=\"");
        html.split(&marked)
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect()
    }

    #[test]
    fn pages_say_the_same_in_each_language_and_load_nothing_from_elsewhere() {
        for page in &PAGES {
            let [english, vietnamese] = LANGUAGES.map(|language| page.html(language));
            for (html, language) in [(&english, "en"), (&vietnamese, "vi")] {
                assert!(html.contains(&format!("<html lang=\"{language}\">")));
                assert!(!html.contains("<style") && !html.contains(" style="));
                assert!(!html.contains("<script>") && !html.contains("://"));
                // What has a name could be sent by a browser without the script.
                assert!(!html.replace("<meta name=", "").contains(" name="));
            }
            for attribute in ["data-outcome", "data-page", "id", "href", "for"] {
                assert_eq!(
                    values(&english, attribute),
                    values(&vietnamese, attribute),
                    "{}: {attribute}",
                    page.path
                );
            }
            assert_ne!(english, vietnamese);
        }
    }

    #[test]
    fn every_text_has_its_place_and_every_place_its_text() {
        for page in &PAGES {
            for language in LANGUAGES {
                let html = page.html(language);
                assert!(!html.contains(['{', '}']), "{html}");
                for (name, _) in page.texts.of(language).chain(EVERYWHERE.of(language)) {
                    let place = format!("{{{name}}}");
                    assert!(
                        [FRAME, page.form].iter().any(|it| it.contains(&place))
                            || OUTCOMES.contains(&name),
                        "{}: {name}",
                        page.path
                    );
                }
                for said in ["later", "failed", "done"] {
                    assert!(values(&html, "data-outcome").contains(said), "{html}");
                }
            }
        }
    }
}
