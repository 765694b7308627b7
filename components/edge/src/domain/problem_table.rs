//! The table of error codes in the human page.

use stoa_kit::http::ProblemType;

/// Rows of the table, as HTML. Each is the target that the `type` of a problem document points to.
#[must_use]
pub fn rows(problems: &[ProblemType]) -> String {
    problems
        .iter()
        .map(|problem| {
            let code = escape(problem.code);
            format!(
                "<tr id=\"problem-{code}\"><td><a href=\"#problem-{code}\"><code>{code}</code></a></td>\
                 <td>{}</td><td><strong>{}.</strong> {}</td></tr>\n",
                problem.status,
                escape(problem.title),
                with_code(problem.detail),
            )
        })
        .collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// What stands between backticks is code; a backtick without a partner is itself.
fn with_code(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, behind)) = after.split_once('`') else {
            break;
        };
        out.push_str(&escape(before));
        out.push_str(&format!("<code>{}</code>", escape(code)));
        rest = behind;
    }
    out.push_str(&escape(rest));
    out
}

#[cfg(test)]
mod tests {
    use stoa_kit::http::PLATFORM_PROBLEMS;

    use super::*;

    #[test]
    fn every_problem_has_its_anchor() {
        let rows = rows(PLATFORM_PROBLEMS);
        for problem in PLATFORM_PROBLEMS {
            assert!(rows.contains(&format!("<tr id=\"problem-{}\">", problem.code)));
        }
    }

    #[test]
    fn text_is_escaped_and_code_is_code() {
        assert_eq!(
            with_code("a < b, `x<y` & more"),
            "a &lt; b, <code>x&lt;y</code> &amp; more"
        );
        assert_eq!(with_code("odd ` one"), "odd ` one");
    }
}
