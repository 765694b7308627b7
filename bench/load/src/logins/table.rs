//! The figures for people.

use super::neighbours::Neighbours;
use crate::table::aligned;

/// A row for each of the three at every number of connections.
pub fn table(measured: &[Neighbours]) -> String {
    if measured.is_empty() {
        return String::new();
    }
    let head = [
        "product beside 10 logins/s",
        "conn",
        "product/s",
        "p50 ms",
        "p99 ms",
        "logins/s",
        "login p50 ms",
        "login p99 ms",
        "p99 against alone",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let figure = |it: Option<f64>| it.map_or("–".to_owned(), |it| format!("{it:.1}"));
    for neighbours in measured {
        let against = [
            "–".to_owned(),
            format!("{:+.1} ms", neighbours.added_p99_ms),
            neighbours
                .times_p99
                .map_or("–".to_owned(), |it| format!("{it:.2}×")),
        ];
        for (pages, against) in neighbours.pages.iter().zip(against) {
            let cached = if neighbours.cached { "cached, " } else { "" };
            rows.push(vec![
                format!("{cached}{}", pages.beside),
                neighbours.connections.to_string(),
                format!("{:.0}", pages.rps),
                format!("{:.2}", pages.p50_ms),
                format!("{:.2}", pages.p99_ms),
                figure(pages.logins),
                figure(pages.login_p50_ms),
                figure(pages.login_p99_ms),
                against,
            ]);
        }
    }
    format!(
        "{}Passwords are hashed in account's guest, one at a time on a thread of its process' host, which nothing \
         interrupts meanwhile.\n",
        aligned(&rows)
    )
}

#[cfg(test)]
mod tests {
    use super::super::neighbours::tests::neighbours;
    use super::*;

    #[test]
    fn the_table_shows_what_logins_cost() {
        let text = table(&[neighbours(12.34, 1.5)]);
        assert!(
            text.contains("+12.3 ms") && text.contains("1.50×"),
            "{text}"
        );
        assert_eq!(table(&[]), "");
    }
}
