//! Everybody who may come.

use serde_json::json;

use crate::accounts::stops_working;
use crate::roles::staff;
use crate::support::{Actor, App};

/// In the order of the table's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Anonymous,
    /// Signed in, without a verified address.
    Unverified,
    /// Somebody with an account, who has nothing to do with it.
    Other,
    /// Whose it is.
    Owner,
    Moderator,
    Admin,
    /// Suspended while signed in.
    Suspended,
}

impl Who {
    pub const ALL: [Who; 7] = [
        Who::Anonymous,
        Who::Unverified,
        Who::Other,
        Who::Owner,
        Who::Moderator,
        Who::Admin,
        Who::Suspended,
    ];
}

pub struct Cast {
    actors: [Actor; 7],
}

impl Cast {
    pub async fn assemble(app: &App) -> Cast {
        let mut unverified = Actor::newcomer(app, "Una").await;
        unverified.sign_in().await;
        let cast = Cast {
            actors: [
                app.stranger(),
                unverified,
                app.someone("Otto").await,
                app.someone("Olga").await,
                staff(app, "Mona", "moderator").await,
                staff(app, "Ada", "admin").await,
                app.someone("Sus").await,
            ],
        };
        let suspended = cast.actor(Who::Suspended);
        cast.actor(Who::Moderator)
            .post(
                &format!("/v1/accounts/{}/suspension", suspended.id),
                json!({"reason": "For the matrix."}),
            )
            .await
            .expect(200);
        stops_working(suspended).await;
        cast
    }

    pub fn actor(&self, who: Who) -> &Actor {
        &self.actors[who as usize]
    }

    /// Signs somebody in again.
    pub async fn back(&mut self, who: Who) {
        self.actors[who as usize].sign_in().await;
    }

    /// Somebody else of the same kind, for what one does once.
    pub async fn like(&self, app: &App, who: Who) -> Actor {
        match who {
            Who::Unverified => {
                let mut actor = Actor::newcomer(app, "Una").await;
                actor.sign_in().await;
                actor
            }
            Who::Other | Who::Owner => app.someone("Otto").await,
            Who::Moderator => staff(app, "Mona", "moderator").await,
            Who::Admin => staff(app, "Ada", "admin").await,
            // They do not get in.
            Who::Anonymous | Who::Suspended => self.actor(who).clone(),
        }
    }
}
