//! The management API: one file a resource that the team manages, one function an endpoint. Who calls, and what their
//! key reaches, is [`team`].

pub mod audit;
pub mod budget;
pub mod connections;
pub mod conversations;
pub mod deliveries;
pub mod documents;
pub mod downloads;
pub mod embed;
pub mod events;
pub mod imports;
mod live_check;
pub mod messages;
pub mod reviews;
pub mod signing_keys;
pub mod sites;
pub mod team;
pub mod usage;
pub mod visitors;

use self::team::Team;
use crate::http::call;

/// A call of the team.
type Call<'c> = call::Call<'c, Team>;
