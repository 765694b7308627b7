//! What was measured in one of the three, and its figures.

use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;
use serde::Serialize;

use super::Where;
use crate::sample::Sample;
use crate::stats::rounded;

/// Product pages in one of the three.
#[derive(Debug, Serialize)]
pub struct Pages {
    pub beside: &'static str,
    pub rps: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// Per second; none while there are none.
    pub logins: Option<f64>,
    pub login_p50_ms: Option<f64>,
    pub login_p99_ms: Option<f64>,
    pub errors: u64,
    #[serde(skip)]
    pub(super) first_error: Option<String>,
}

/// What the rounds found in one of the three.
#[derive(Debug)]
pub(super) struct Found {
    pages: Sample,
    logins: Sample,
}

impl Found {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            pages: Sample::new(Duration::ZERO)?,
            logins: Sample::new(Duration::ZERO)?,
        })
    }

    pub(super) fn add(&mut self, pages: Sample, logins: Option<Sample>) -> Result<()> {
        self.pages.elapsed += pages.elapsed;
        self.pages.add(pages)?;
        if let Some(logins) = logins {
            self.logins.elapsed += logins.elapsed;
            self.logins.add(logins)?;
        }
        Ok(())
    }

    pub(super) fn finish(self, beside: Where) -> Pages {
        let at = |of: &Histogram<u64>, quantile| {
            rounded(of.value_at_quantile(quantile) as f64 / 1000.0, 2)
        };
        let logins = Some(&self.logins).filter(|_| beside != Where::Nowhere);
        Pages {
            beside: beside.name(),
            rps: rounded(self.pages.rate(), 1),
            p50_ms: at(&self.pages.done, 0.5),
            p99_ms: at(&self.pages.done, 0.99),
            logins: logins.map(|it| rounded(it.rate(), 2)),
            login_p50_ms: logins.map(|it| at(&it.done, 0.5)),
            login_p99_ms: logins.map(|it| at(&it.done, 0.99)),
            errors: self.pages.errors + self.logins.errors,
            first_error: self.pages.first_error.or(self.logins.first_error),
        }
    }
}
