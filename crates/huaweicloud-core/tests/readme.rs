//! Promise: the first example of the README runs unchanged.

use crate::verifier;
use std::{
    env, fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener},
    process::Command,
    thread,
};

const SECRET: &str = "SKEXAMPLE000000000000000000000A";

#[test]
fn the_projects_of_an_account_are_listed_in_a_signed_call() {
    let readme = include_str!("../README.md");
    assert!(readme.contains(include_str!("../examples/list_projects.rs")));

    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let endpoint = format!("http://{}", server.local_addr().unwrap());
    let iam = thread::spawn(move || {
        let mut connection = server.accept().unwrap().0;
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            connection.read_exact(&mut byte).unwrap();
            request.extend(byte);
        }
        let body = r#"{"projects":[{"id":"1","name":"cn-north-4"}]}"#;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        connection.write_all(&[head.as_bytes(), body.as_bytes()].concat()).unwrap();
        request
    });
    let folder = env::current_exe().unwrap();
    let folder = folder.ancestors().nth(2).unwrap();
    let example = folder.join("examples/list_projects").with_extension(env::consts::EXE_EXTENSION);
    assert!(fs::exists(&example).unwrap(), "`cargo test` builds the examples, `--test …` does not");
    let output = Command::new(example)
        .arg(endpoint)
        .env("HUAWEICLOUD_SDK_AK", "AKIDEXAMPLE00000000A")
        .env("HUAWEICLOUD_SDK_SK", SECRET)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, "{\"projects\":[{\"id\":\"1\",\"name\":\"cn-north-4\"}]}\n");
    let request = iam.join().unwrap();
    assert!(request.starts_with(b"GET /v3/projects HTTP/1.1\r\n"));
    let verified = verifier::verify(&request, SECRET.as_bytes()).unwrap();
    assert_eq!(verified.access_key, "AKIDEXAMPLE00000000A");
    assert!(!verified.signed_headers.contains(&"x-project-id".to_owned()));
}
