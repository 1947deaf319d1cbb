//! A client of a document of one's own, which has no operation of codearts-build's.

#![deny(warnings)]

pub mod api {
    codearts_build::include_client!();
}

#[cfg(test)]
mod mocks {
    codearts_build::include_mocks!(crate::api);
}

#[cfg(test)]
mod tests {
    use crate::api::{self, types::*};
    use crate::mocks::MockServerExt;
    use codearts_build::{Client, Credential, mock::httpmock::MockServer};

    const JOB: &str = "f9d6c8466d614a9788e9a0acf6c15f46";

    fn client(server: &MockServer) -> api::Client {
        let credential = Credential::token("any").unwrap();
        let client = Client::builder().endpoint(server.base_url()).credential(credential);
        client.build().unwrap().pipeline().into()
    }

    #[tokio::test]
    async fn an_operation_is_called_and_mocked() {
        let server = MockServer::start_async().await;
        let mock = server.stop_job(|when, then| {
            let when = when.job_id(&JOB.parse().unwrap());
            drop(when.reason(&"tired".parse::<StopJobReason>().unwrap()));
            then.ok(&StopJobResponse { stopped_by: Some("me".into()), ..Default::default() });
        });
        let client = client(&server);
        let call = || client.stop_job().job_id(JOB);
        let stopped = call().reason("tired").send().await.unwrap();
        assert_eq!(stopped.stopped_by.as_deref(), Some("me"));
        mock.assert_async().await;
        let error = call().reason("sleepy").send().await.unwrap_err();
        assert_eq!(error.message(), "reason \"sleepy\": must be at most 5 characters");
    }

    #[tokio::test]
    async fn an_error_says_what_is_called_and_what_it_may_have_done() {
        let server = MockServer::start_async().await;
        server.mock(|_, then| drop(then.status(504)));
        let error = client(&server).stop_job().job_id(JOB).send().await.unwrap_err();
        assert!(error.may_have_taken_effect());
        assert_eq!(error.operation(), Some("StopJob"));
        assert!(error.to_string().ends_with("; the job may have been stopped: read it"), "{error}");
    }

    #[test]
    fn a_type_has_a_json_schema() {
        let schema = schemars::schema_for!(JobId);
        assert_eq!(schema.get("pattern").unwrap(), "^[0-9a-f]{32}$");
        assert!(schemars::schema_for!(StopJobResponse).get("properties").is_some());
    }
}
