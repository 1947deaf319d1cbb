//! Promise: clients, errors, values and calls can move between threads.

use crate::support::*;
use codearts_build::{BuildId, Client, ClientBuilder, Credential, Error, StartedBuild, types::*};

#[test]
fn types_are_send_and_sync_and_calls_are_send() {
    fn shared<T: Send + Sync + 'static>() {}
    fn cloned<T: Send + Sync + Clone + 'static>() {}
    fn sent<T: Send>(_: T) {}
    cloned::<Client>();
    cloned::<Credential>();
    cloned::<Error>();
    cloned::<BuildId>();
    cloned::<StartedBuild>();
    cloned::<BuildRecord>();
    shared::<ClientBuilder>();
    assert!(size_of::<Error>() <= size_of::<usize>());

    let (client, build) = (client_at("http://127.0.0.1:1"), BuildId::new(JOB, 1).unwrap());
    sent(client.run_job(RunJobRequest::new(JOB).unwrap()));
    sent(client.auto_execute(JOB, AutoExecuteRequest::push("master")));
    sent(client.record_info(JOB, 1));
    sent(client.wait(&build));
    sent(client.watch(&build));
    sent(client.api().run_job().send());
}
