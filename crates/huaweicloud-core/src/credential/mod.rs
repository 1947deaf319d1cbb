//! Where credentials come from: a token, an access key, IAM, STS, pod identity, the metadata service, a
//! profile, the environment, or a provider of one's own.

mod chain;
mod ecs;
mod environment;
mod file;
mod iam;
mod login;
mod oidc;
mod pod_identity;
mod profile;
mod project;
mod provider;
mod temporary;

pub use chain::CredentialChain;
pub use ecs::EcsAgency;
pub(crate) use environment::variable;
pub(crate) use iam::Project;
pub use login::{FederatedLogin, PasswordLogin};
pub use oidc::{IdToken, OidcAgency};
pub use pod_identity::PodIdentity;
pub use profile::Profile;
pub use provider::{Credential, CredentialContext, CredentialFuture, CredentialProvider};

use crate::auth::Identity;
use crate::error::Error;
use crate::service::ServiceInfo;

impl Credential {
    /// An IAM user token, as the response header `X-Subject-Token` of an IAM login gives it. It must
    /// be a token of the region, scoped to a project; it is valid for 24 hours.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) if the token is empty, longer than the
    /// 32 KiB that the gateway takes, or has a line break or another character that no token has.
    pub fn token(token: impl Into<String>) -> Result<Self, Error> {
        Ok(Identity::token(token)?.into())
    }

    /// The first of these that the environment names, for a client of this service:
    ///
    /// 1. `…_TOKEN`: a token. The variable begins with [`ServiceInfo::variables`], as
    ///    `CODEARTS_BUILD_TOKEN`.
    /// 2. `HUAWEICLOUD_SDK_AK` and `HUAWEICLOUD_SDK_SK`, with `HUAWEICLOUD_SDK_SECURITY_TOKEN` if
    ///    it is set; or `CLOUD_SDK_AK` and `CLOUD_SDK_SK`: an access key.
    /// 3. `OS_USERNAME`, `OS_PASSWORD` and `OS_USER_DOMAIN_NAME`, with `OS_AUTH_URL` and `OS_PROJECT_ID` or
    ///    `OS_PROJECT_NAME` (once `OS_TENANT_ID` and `OS_TENANT_NAME`) if they are set: a user who logs in.
    /// 4. `HUAWEICLOUD_OIDC_PROVIDER_URN`, `HUAWEICLOUD_OIDC_AGENCY_URN` and
    ///    `HUAWEICLOUD_OIDC_ID_TOKEN` or `HUAWEICLOUD_OIDC_TOKEN_FILE`, with
    ///    `HUAWEICLOUD_OIDC_SESSION_NAME`, `…_DURATION_SECONDS`, `…_POLICY` and `…_POLICY_IDS` if they
    ///    are set: an ID token, for which STS gives temporary keys.
    /// 5. `HUAWEICLOUD_SDK_IDP_ID` and `HUAWEICLOUD_SDK_ID_TOKEN_FILE`: a federated user, who logs in
    ///    with an ID token.
    /// 6. `HC_CONTAINER_CREDENTIALS_FULL_URI` and `HC_CONTAINER_AUTHORIZATION_TOKEN_FILE`: the
    ///    identity of the pod that this runs in.
    /// 7. The profile file `~/.huaweicloud/credentials`, or the one that
    ///    `HUAWEICLOUD_SDK_CREDENTIALS_FILE` names: an access key, as `ak`, `sk`, `security_token`,
    ///    `project_id` and `iam_endpoint` of the section `[basic]`; or a federated user, as `idp_id`
    ///    and `id_token_file`.
    /// 8. The metadata service of the cloud server, or what `…_METADATA_ENDPOINT` names in its place. It
    ///    is asked when the first call is made.
    ///
    /// `HUAWEICLOUD_SDK_PROJECT_ID` names the project of all keys and users, unless what is said above does.
    /// `HUAWEICLOUD_SDK_IAM_ENDPOINT` and `HUAWEICLOUD_SDK_STS_ENDPOINT` replace the public endpoints of
    /// IAM and STS. Files with tokens are read anew each time.
    ///
    /// ```no_run
    /// use huaweicloud_core::{Client, Credential, Service};
    ///
    /// let credential = Credential::from_env(Client::INFO)?;
    /// # Ok::<(), huaweicloud_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) with the name of what is missing or
    /// malformed. Half of a pair is an error, not a reason to look further.
    pub fn from_env(service: &'static ServiceInfo) -> Result<Self, Error> {
        environment::credential(service)
    }
}
