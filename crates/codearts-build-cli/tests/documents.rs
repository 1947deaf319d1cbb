//! Promise: what the documents show can be run: the commands of the README, and the shell parts of the pipelines.

use crate::support::*;
use codearts_build::{simulation::Fault, types::BuildStatus};
use std::{env, fs, path::PathBuf, process::Command};

const README: &str = include_str!("../README.md");
const PIPELINES: &str = include_str!("../docs/pipelines.md");

#[test]
fn the_commands_of_the_readme_run() {
    let mut count = 0;
    for (command, rest) in
        README.split("\n$ codearts-build ").skip(1).filter_map(|it| it.split_once('\n'))
    {
        let code = rest.split("\n```").next().unwrap().split_once("\n$ echo $?\n");
        let code = code.map_or(0, |(_, code)| code.trim().parse().unwrap());
        let mut program = program();
        program.args(command.split_whitespace());
        assert!(command.contains("--simulate"), "{command}");
        let run = outcome_of(program).ended(code);
        assert_eq!(run.out.lines().next().unwrap(), rest.lines().next().unwrap());
        count += 1;
    }
    assert_eq!(count, 3);
}

#[test]
fn the_readme_has_the_exit_codes_of_the_help() {
    let mut command = program();
    command.arg("--help");
    let help = outcome_of(command).out;
    let (_, table) = README.split_once("| code | means |\n| --- | --- |\n").unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let rows: Vec<_> = rows.map(|row| row.split('|').map(str::trim).collect::<Vec<_>>()).collect();
    assert_eq!(rows.len(), 7);
    for row in rows {
        assert!(help.contains(&format!("{:>5}  {}\n", row[1], row[2])), "{row:?}");
    }
}

#[test]
fn the_readme_names_every_command_and_outcome() {
    let mut command = program();
    command.arg("--help");
    let help = outcome_of(command).out;
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let commands = commands.lines().take_while(|line| line.starts_with("  "));
    let commands = commands.map(|line| line.split_whitespace().next().unwrap());
    let (_, outcomes) = help.split_once("[possible values: ").unwrap();
    let (outcomes, _) = outcomes.split_once(']').unwrap();
    for name in commands.filter(|name| *name != "help") {
        assert!(README.contains(&format!("`{name}")), "{name}");
    }
    for name in outcomes.split(", ") {
        assert!(
            README.contains(&format!("`{name}`")) || README.contains(&format!("={name}`")),
            "{name}"
        );
    }
}

/// The code blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let begin = format!("\n```{language}\n");
    let blocks = PIPELINES.split(&begin).skip(1);
    blocks.map(|block| block.split("\n```").next().unwrap()).collect()
}

/// The shell parts of the pipelines.
fn scripts() -> Vec<String> {
    let jenkins = blocks("groovy")[0].split("'''").nth(1).unwrap().to_owned();
    let [gitlab, github] = blocks("yaml").try_into().unwrap();
    let gitlab: yaml_serde::Value = yaml_serde::from_str(gitlab).unwrap();
    let lines = gitlab["build"]["script"].as_sequence().unwrap().iter();
    let gitlab = lines.map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join("\n");
    let github: yaml_serde::Value = yaml_serde::from_str(github).unwrap();
    let steps = github["jobs"]["build"]["steps"].as_sequence().unwrap().iter();
    let github = steps.map(|step| step["run"].as_str().unwrap()).collect::<Vec<_>>().join("\n");
    vec![jenkins, gitlab, github, blocks("sh")[0].to_owned()]
}

/// A folder with programs in the place of those that a pipeline calls beside the command.
struct Programs(PathBuf);

impl Programs {
    fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("codearts-build-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for program in ["cargo", "sleep"] {
            let path = folder.join(program);
            fs::write(&path, "#!/bin/sh\necho \"$0 $*\" >> \"$CALLS\"\n").unwrap();
            #[cfg(unix)]
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
                .unwrap();
        }
        Self(folder)
    }

    /// Runs a script as its system does.
    fn run(&self, script: &str, service: &Service) -> Run {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_codearts-build"));
        let paths = [self.0.as_path(), program.parent().unwrap()];
        let path = format!("{}:/usr/bin:/bin", env::join_paths(paths).unwrap().display());
        let mut command = Command::new("sh");
        command.env_clear().args(["-e", "-c", script]).env("PATH", path).env("JOB", JOB);
        for name in ["GIT_COMMIT", "CI_COMMIT_SHA", "GITHUB_SHA"] {
            command.env(name, COMMIT);
        }
        for name in ["BRANCH_NAME", "CI_COMMIT_REF_NAME", "GITHUB_REF_NAME"] {
            command.env(name, "master");
        }
        command.env("GITHUB_OUTPUT", self.0.join("output")).env("CALLS", self.0.join("calls"));
        command.env("CODEARTS_BUILD_ENDPOINT", service.service.endpoint());
        outcome_of({
            command.env("CODEARTS_BUILD_TOKEN", CANARY);
            command
        })
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn the_pipelines_start_one_build_and_end_as_it_does() {
    let programs = Programs::new("pipelines");
    let scripts = scripts();
    assert_eq!(scripts.len(), 4);
    std::thread::scope(|scope| {
        for (status, code) in [(BuildStatus::Success, 0), (BuildStatus::Failure, 1)] {
            for script in &scripts {
                let (status, programs) = (status.clone(), &programs);
                scope.spawn(move || {
                    let service = Service::with(at_once().ends(status));
                    programs.run(script, &service).ended(code);
                    let [change] = service.changes().try_into().unwrap();
                    let parameter =
                        serde_json::json!([{ "name": "codeBranch", "value": "master" }]);
                    assert_eq!(change.body["parameter"], parameter, "{script}");
                });
            }
        }
    });
    let calls = fs::read_to_string(programs.0.join("calls")).unwrap();
    assert!(calls.contains("cargo install --locked codearts-build-cli\n"), "{calls}");
    let output = fs::read_to_string(programs.0.join("output")).unwrap();
    assert!(output.contains(&format!("build={JOB}/1\n")), "{output}");
}

#[cfg(unix)]
#[test]
fn the_script_never_starts_a_second_build() {
    let programs = Programs::new("script");
    let script = scripts().pop().unwrap();
    let service = Service::start();
    service.service.inject(Fault::LostResponse);
    programs.run(&script, &service).ended(4);
    assert_eq!(service.service.builds().len(), 1);

    let service = Service::start();
    let lasting = std::time::Duration::MAX;
    service.service.inject(Fault::Throttled { lasting, retry_after: None });
    programs.run(&script, &service).ended(3);
    let calls = fs::read_to_string(programs.0.join("calls")).unwrap();
    assert_eq!(calls.matches("sleep").count(), 3, "{calls}");
}
