//! The fields of a step as typed values, and the order of steps.

use crate::types::{BuildStep, record::millis};
use std::{collections::HashMap, time::Duration};

impl BuildStep {
    /// What to call the step: its name in the job, else that of its stage. Empty if it has neither.
    pub fn name(&self) -> &str {
        let names = [&self.display_name, &self.execution_stage_name];
        let mut names = names.into_iter().flatten().filter(|name| !name.trim().is_empty());
        names.next().map_or("", String::as_str)
    }

    /// How long the step took without the wait before it, from `build_duration`, else from `duration`; both
    /// are in milliseconds.
    pub fn took(&self) -> Option<Duration> {
        millis(self.build_duration).or_else(|| millis(self.duration))
    }
}

/// Puts steps in order. Each comes with the name of its stage.
pub(crate) fn in_order(steps: HashMap<String, BuildStep>) -> Vec<BuildStep> {
    let mut steps: Vec<_> = steps.into_iter().collect();
    steps.sort_by_cached_key(|(stage, step)| (place(stage, step), stage.clone()));
    let named = steps.into_iter().map(|(stage, mut step)| {
        step.execution_stage_name.get_or_insert(stage);
        step
    });
    named.collect()
}

/// The place of a step: its number in the order, or in the name of its stage.
fn place(stage: &str, step: &BuildStep) -> i32 {
    let by_name = || match stage {
        "initial" => Some(0),
        _ => stage.strip_prefix("stage")?.parse().ok(),
    };
    step.sequence.or_else(by_name).unwrap_or(i32::MAX)
}
