//! The main job at full width, played against a running shop: two sellers list, a follower and a
//! guest buy from both, the goods are sent or refused, and everything adds up at the end. Then a second act
//! about money, for which the shop's operator has to be at hand.

mod checks;
mod client;
mod money;
mod steps;
mod word;

use std::time::Instant;

use anyhow::Result;

use crate::progress::Progress;
use checks::Told;
use client::Client;
pub use money::Operator;
use word::Word;

/// Who plays.
struct Cast {
    /// Sells lanterns, in two warehouses.
    an: Client,
    /// Sells teapots.
    binh: Client,
    /// Follows An.
    lan: Client,
    /// Comes as a guest and stays.
    tom: Client,
}

/// What is sold, by ids.
struct Goods {
    lantern: String,
    red: String,
    blue: String,
    teapot: String,
    /// The teapot's only variant.
    pot: String,
    /// An's warehouses, the first one is taken from first.
    hanoi: String,
    saigon: String,
    /// Binh's.
    hue: String,
}

/// The orders, by ids.
struct Orders {
    /// Eight red lanterns at An's.
    toms_lanterns: String,
    /// Two teapots at Binh's.
    toms_pots: String,
    /// One red lantern at An's.
    lans_lantern: String,
}

/// Prices in dong.
mod price {
    /// Of a red lantern, until An changes it.
    pub const RED: i64 = 120_000;
    pub const RED_LATER: i64 = 130_000;
    pub const BLUE: i64 = 125_000;
    pub const POT: i64 = 340_000;
}

/// Plays the demo against the shop at `url`; the second act needs its operator.
pub async fn play(url: &str, operator: Option<Operator>, progress: &Progress) -> Result<()> {
    let start = Instant::now();
    let word = Word::new()?;
    let mut told = Told::default();

    let mut cast = steps::arrive::everybody(url, progress).await?;
    steps::arrive::follow(&cast, progress).await?;
    let goods = steps::list::everything(&cast, &word, &mut told, progress).await?;
    steps::search::by_words(&cast, &goods, &word, progress).await?;
    steps::cart::of_a_guest(&mut cast, &goods, progress).await?;
    steps::cart::changed_price(&cast, &goods, progress).await?;
    let orders = steps::buy::everything(&cast, &goods, &mut told, progress).await?;
    steps::fulfil::send(&cast, &orders, &mut told, progress).await?;
    steps::fulfil::decline(&cast, &goods, &orders, &mut told, progress).await?;
    steps::sums::everything(&cast, &goods, &orders, &word, &told, progress).await?;

    match operator {
        Some(mut operator) => money::play(url, &mut operator, &word, progress).await?,
        None => progress.say(
            "  -  the second act, about money, is left out: it needs the shop's database. \
             Give --database-url, or the --data-dir of a running `cargo stoa up`",
        ),
    }

    progress.say(format!(
        "The demo passed in {:.1} s.",
        start.elapsed().as_secs_f64()
    ));
    Ok(())
}
