//! People come in.

use anyhow::{Result, ensure};

use super::step;
use crate::demo::Cast;
use crate::demo::checks::items;
use crate::demo::client::Client;
use crate::progress::Progress;

pub async fn everybody(url: &str, progress: &Progress) -> Result<Cast> {
    let title = "two sellers and a buyer register and follow the link in their e-mail, a guest looks around";
    step(progress, title, async {
        let cast = Cast {
            an: Client::register(url, "An").await?,
            binh: Client::register(url, "Binh").await?,
            lan: Client::register(url, "Lan").await?,
            tom: Client::guest(url)?,
        };
        let categories = cast.tom.get("/v1/categories").await?;
        ensure!(
            !items(&categories).is_empty(),
            "there are no categories: {categories}"
        );
        cast.tom
            .get_refused("/v1/notifications", "unauthenticated")
            .await?;
        let names = [&cast.an, &cast.binh, &cast.lan].map(|client| client.username.as_str());
        let found = format!("{}; the guest sees the categories only", names.join(", "));
        Ok((cast, found))
    })
    .await
}

pub async fn follow(cast: &Cast, progress: &Progress) -> Result<()> {
    step(progress, "Lan follows An", async {
        let path = format!("/v1/me/following/{}", cast.an.id);
        cast.lan.put(&path, serde_json::Value::Null).await?;
        let following = cast.lan.get("/v1/me/following").await?;
        ensure!(
            items(&following).len() == 1,
            "the follow is not listed: {following}"
        );
        Ok(((), "listed among those followed".into()))
    })
    .await
}
