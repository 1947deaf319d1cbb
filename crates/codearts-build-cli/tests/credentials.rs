//! Promise: `login` says which credential is found where, without showing it, and whether the service takes it.

use crate::support::*;
use std::{env, fs};

#[test]
fn the_service_takes_a_token() {
    let service = Service::start();
    let endpoint = service.service.endpoint();
    let text = format!(
        "credential  Identity, from CODEARTS_BUILD_TOKEN\nendpoint    {endpoint}\nservice     takes the credential\n"
    );
    service.run("login").ended(0).prints(&text);
}

#[test]
fn every_origin_is_named() {
    let service = Service::start();
    let profile = env::temp_dir().join(format!("codearts-build-{}.ini", std::process::id()));
    fs::write(&profile, "[basic]\nak = AKIDEXAMPLE00000000A\nsk = canary-SK\n").unwrap();
    let path = profile.to_str().unwrap();
    let project = ("HUAWEICLOUD_SDK_PROJECT_ID", "0123456789abcdef0123456789abcdef");
    let key = [
        ("HUAWEICLOUD_SDK_AK", "AKIDEXAMPLE00000000A"),
        ("HUAWEICLOUD_SDK_SK", "canary-SK"),
        project,
    ];
    let sample = [("CLOUD_SDK_AK", "AKIDEXAMPLE00000000A"), ("CLOUD_SDK_SK", "canary-SK"), project];
    let file = [("HUAWEICLOUD_SDK_CREDENTIALS_FILE", path), project];
    for (variables, found) in [
        (&key[..], "AccessKey, from HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK"),
        (&sample, "AccessKey, from CLOUD_SDK_AK and CLOUD_SDK_SK"),
        (&file, &format!("AccessKey, from {path}")),
    ] {
        let mut command = program();
        command.arg("login").env("CODEARTS_BUILD_ENDPOINT", service.service.endpoint());
        command.envs(variables.iter().copied());
        let run = outcome_of(command).ended(0);
        assert!(run.out.starts_with(&format!("credential  {found}\n")), "{run:?}");
    }
    fs::remove_file(profile).unwrap();
}

#[test]
fn nothing_found_is_said_with_what_was_looked_for() {
    let mut command = program();
    command.args(["login", "--region", "cn-north-4"]);
    outcome_of(command).ended(2).says("tried CODEARTS_BUILD_TOKEN, HUAWEICLOUD_SDK_AK");
    let mut command = program();
    command
        .args(["login", "--region", "cn-north-4"])
        .env("HUAWEICLOUD_SDK_AK", "AKIDEXAMPLE00000000A");
    outcome_of(command).ended(2).says("HUAWEICLOUD_SDK_SK is not");
}
