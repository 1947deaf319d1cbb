//! The log of a build: as it is, or a JSON object a line.

use crate::{arguments::Log, event::Event, exit::Failure, session::Session};
use anstream::adapter::strip_bytes;
use futures_util::{StreamExt, TryStreamExt};

pub(crate) async fn log(session: &Session<'_>, log: &Log) -> Result<(), Failure> {
    let (id, output) = (&log.build.id, session.output);
    let print = |text: &[u8]| match () {
        () if output.is_json => String::from_utf8_lossy(text).lines().try_for_each(|line| {
            output.event(&Event::Log { build: id.to_string(), line: line.to_owned() })
        }),
        // A terminal gets no escape sequences: a log could control it.
        () if output.console.has_terminal => output.write(&strip_bytes(text).into_vec()),
        () => output.write(text),
    };
    let mut parts = match log.follow {
        true => session.client.follow_log(id),
        false => session.client.log(id).await?.boxed(),
    };
    // Whole lines, because others are printed in between.
    let mut text = Vec::new();
    while let Some(part) = parts.try_next().await? {
        let end =
            part.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end.saturating_add(1));
        let (ended, rest) = part.split_at_checked(end).unwrap_or_default();
        if end > 0 {
            text.extend_from_slice(ended);
            print(&std::mem::take(&mut text))?;
        }
        text.extend_from_slice(rest);
    }
    Ok(print(&text)?)
}
