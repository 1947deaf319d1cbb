//! Clients of two documents, which name their operations and types alike.

#![deny(warnings)]

pub mod images {
    codearts_build::include_client!("images");
}

pub mod volumes {
    codearts_build::include_client!("volumes");
}

#[cfg(test)]
mod tests {
    use crate::{images, volumes};
    use codearts_build::{Client, Credential, mock::httpmock::MockServer};

    mod image_mocks {
        codearts_build::include_mocks!(crate::images, "images");
    }

    mod volume_mocks {
        codearts_build::include_mocks!(crate::volumes, "volumes");
    }

    fn clients(server: &MockServer) -> (images::Client, volumes::Client) {
        let credential = Credential::token("any").unwrap();
        let client = Client::builder().endpoint(server.base_url()).credential(credential);
        let pipeline = client.build().unwrap().pipeline();
        (pipeline.clone().into(), pipeline.into())
    }

    #[tokio::test]
    async fn each_client_has_the_rules_of_its_own_document() {
        let server = MockServer::start_async().await;
        let (images, volumes) = clients(&server);
        let image = images::types::Item { image: Some("x".into()), ..Default::default() };
        image_mocks::MockServerExt::show_item(&server, |when, then| {
            when.id(&"abc".parse().unwrap());
            then.ok(&image);
        });
        let volume = volumes::types::Item { size: Some(7), ..Default::default() };
        volume_mocks::MockServerExt::show_item(&server, |when, then| {
            when.id(&"abcde".parse().unwrap());
            then.ok(&volume);
        });
        assert_eq!(images.show_item().id("abc").send().await.unwrap().into_inner(), image);
        assert_eq!(volumes.show_item().id("abcde").send().await.unwrap().into_inner(), volume);

        let error = images.show_item().id("abcde").send().await.unwrap_err();
        assert_eq!(error.message(), "id \"abcde\": must be at most 3 characters");
        let error = volumes.show_item().id("abc").send().await.unwrap_err();
        assert_eq!(error.message(), "id \"abc\": must be at least 5 characters");
    }
}
