//! Lists the projects of the owner of an access key. IAM's own calls are for no project.

use huaweicloud_core::{AccessKey, Client};
use std::env;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = AccessKey::new(env::var("HUAWEICLOUD_SDK_AK")?, env::var("HUAWEICLOUD_SDK_SK")?)?;
    let endpoint = env::args().nth(1);
    let client = Client::builder()
        .endpoint(endpoint.unwrap_or("https://iam.cn-north-4.myhuaweicloud.com".into()))
        .credential(key.without_project())
        .build()?;
    let projects: serde_json::Value = client.request("GET", "/v3/projects").send().await?;
    println!("{projects}");
    Ok(())
}
