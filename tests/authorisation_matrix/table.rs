//! The table: a line for each operation, a word for each who comes.

use super::cast::Who;
use crate::support::Reply;

/// What somebody is answered, as far as it is about who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// `ok`: not refused for who they are. Whether it works is not the matter here.
    Allowed,
    /// `401`: sign in first.
    Unauthenticated,
    /// `sign`: an access token counts for nothing; who calls has a key, or signs what they send.
    Unsigned,
    /// `403`: a role is missing.
    Forbidden,
    /// `verify`: an address has to be verified first.
    Unverified,
    /// `404`: there is nothing, or nothing of theirs.
    Hidden,
}

impl Cell {
    fn read(word: &str) -> Cell {
        match word {
            "ok" => Cell::Allowed,
            "401" => Cell::Unauthenticated,
            "sign" => Cell::Unsigned,
            "403" => Cell::Forbidden,
            "verify" => Cell::Unverified,
            "404" => Cell::Hidden,
            _ => panic!("{word} is no word of the table"),
        }
    }

    /// The status of a refusal.
    pub fn status(self) -> Option<u16> {
        match self {
            Cell::Allowed => None,
            Cell::Unauthenticated | Cell::Unsigned => Some(401),
            Cell::Forbidden | Cell::Unverified => Some(403),
            Cell::Hidden => Some(404),
        }
    }

    pub fn agrees(self, reply: &Reply) -> bool {
        let code = reply.code();
        match self {
            Cell::Allowed => {
                // The code of a second factor is asked of whoever may.
                let refused = matches!(reply.status, 401 | 403 | 404) && code != "wrong_code";
                !refused && reply.status < 500
            }
            Cell::Unauthenticated => (reply.status, code) == (401, "unauthenticated"),
            Cell::Unsigned => {
                reply.status == 401 && ["bad_signature", "invalid_api_key"].contains(&code)
            }
            Cell::Forbidden => (reply.status, code) == (403, "forbidden"),
            Cell::Unverified => (reply.status, code) == (403, "address_unverified"),
            Cell::Hidden => (reply.status, code) == (404, "not_found"),
        }
    }
}

/// A line of the table.
#[derive(Debug)]
pub struct Row {
    /// Method and path, as in the document; a parameter may say which thing it is (`{id=draft}`), and a
    /// query may follow.
    pub name: String,
    cells: [Cell; 7],
}

impl Row {
    pub fn cell(&self, who: Who) -> Cell {
        self.cells[who as usize]
    }

    /// Method and path, as the document has them.
    pub fn operation(&self) -> String {
        let mut name = self.name.split('?').next().unwrap_or_default().to_owned();
        while let Some(start) = name.find('=') {
            let end = name[start..].find('}').expect("a brace") + start;
            name.replace_range(start..end, "");
        }
        name
    }

    /// The path, as the row has it.
    pub fn path(&self) -> &str {
        let (_, path) = self.name.split_once(' ').expect("a method and a path");
        path.split('?').next().unwrap_or_default()
    }

    pub fn query(&self) -> Option<&str> {
        self.name.split_once('?').map(|(_, query)| query)
    }
}

pub fn rows() -> Vec<Row> {
    include_str!("matrix.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let mut words = line.split_whitespace();
            let name: Vec<&str> = words.by_ref().take(2).collect();
            let cells: Vec<Cell> = words.map(Cell::read).collect();
            Row {
                name: name.join(" "),
                cells: cells
                    .try_into()
                    .unwrap_or_else(|_| panic!("not a word for each of seven: {line}")),
            }
        })
        .collect()
}
