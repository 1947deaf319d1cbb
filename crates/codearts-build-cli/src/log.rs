//! The log of a build: as it is, or a JSON object a line.

use crate::{arguments::Log, event::Event, exit::Failure, session::Session};
use futures_util::{StreamExt, TryStreamExt};
use std::mem::take;

pub(crate) async fn log(session: &Session<'_>, log: &Log) -> Result<(), Failure> {
    let (id, output) = (&log.build.id, session.output);
    let mut parts = match log.follow {
        true => session.client.follow_log(id),
        false => session.client.log(id).await?.boxed(),
    };
    let event = |line: Vec<u8>| {
        let line = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
        output.event(&Event::Log { build: id.to_string(), line })
    };
    // A terminal gets no escape sequences: a log could control it.
    let (mut line, mut escapes) = (Vec::new(), anstream::adapter::StripBytes::new());
    while let Some(part) = parts.try_next().await? {
        match () {
            () if output.is_json => {
                for piece in part.split_inclusive(|byte| *byte == b'\n') {
                    line.extend_from_slice(piece);
                    if piece.ends_with(b"\n") {
                        event(take(&mut line))?;
                    }
                }
            }
            () if output.has_terminal => {
                escapes.strip_next(&part).try_for_each(|kept| output.write(kept))?;
            }
            () => output.write(&part)?,
        }
    }
    Ok(if line.is_empty() { () } else { event(line)? })
}
