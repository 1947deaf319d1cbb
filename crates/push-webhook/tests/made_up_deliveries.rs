//! Made-up webhooks. The tests of codearts-build use them too, through a symbolic link.
//!
//! `just made-up-webhooks` tries a million.

use super::deliveries::*;
use fastrand::Rng;
use http::HeaderValue;
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::LazyLock,
    thread,
};

/// How many webhooks are tried.
fn count() -> u64 {
    env::var("MADE_UP_WEBHOOKS").map_or(5000, |text| text.parse().expect("a number"))
}

/// Names of fields that are read.
const NAMES: [&str; 15] = [
    "event_name",
    "ref",
    "before",
    "after",
    "deleted",
    "checkout_sha",
    "head_commit",
    "commits",
    "id",
    "message",
    "repository",
    "project",
    "name",
    "git_ssh_url",
    "url",
];

const TEXTS: [&str; 16] = [
    "",
    " ",
    "refs/heads/",
    "refs/heads/é",
    "refs/tags/\u{1f600}",
    "refs/notes/commits",
    "0",
    ZEROS,
    BEFORE,
    TAG_OBJECT,
    "2FDC0170F0D540AE952C03EE6CABAE3A8943D16A",
    "2fdc0170f0d540ae952c03ee6cabae3a8943d1é",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "push",
    "null",
    "\u{0}\u{1b}[31m\r\n\u{2028}",
];

/// Headers that are read, and values for them.
const HEADERS: [&str; 14] = [
    "x-gitea-event",
    "x-devcloud-event",
    "x-codehub-event",
    "x-gitlab-event",
    "x-github-event",
    "x-gitee-event",
    "x-gitlab-token",
    "x-repo-token",
    "x-auth-token",
    "x-hub-signature-256",
    "x-gitee-token",
    "x-gitee-timestamp",
    "content-type",
    "x-github-delivery",
];
const VALUES: [&str; 13] = [
    "System Hook",
    "push",
    "Push Hook",
    "Tag Push Hook",
    "ping",
    "",
    SECRET,
    "sha256=",
    "sha256=é",
    "sha256=00",
    "%",
    "=====",
    "-9223372036854775808",
];

/// The pushes and the tags of all platforms.
static EXAMPLES: LazyLock<Vec<(Delivery, Value)>> = LazyLock::new(|| {
    let all = PLATFORMS.into_iter().flat_map(|platform| {
        [Delivery::push(platform), Delivery::tag(platform), Delivery::push(platform).deleted()]
    });
    all.map(|it| (it.clone().signed(SECRET), serde_json::from_slice(&it.body).unwrap())).collect()
});

/// The same delivery for the same seed, on every machine.
pub fn made_up(seed: u64) -> Delivery {
    let mut rng = Rng::with_seed(seed);
    let (mut delivery, mut body) = EXAMPLES[rng.usize(..EXAMPLES.len())].clone();
    for _ in 0..rng.u8(..4) {
        change(&mut body, &mut rng);
    }
    delivery.body = match rng.u8(..16) {
        0 => value(&mut rng, 3).to_string().into_bytes(),
        1 => (0..rng.usize(..200)).map(|_| rng.u8(..)).collect(),
        2 => format!("{}{}", "[".repeat(rng.usize(..2000)), body).into_bytes(),
        3 => format!("{{\"ref\":\"a\",{}", &body.to_string()[1..]).into_bytes(),
        _ => body.to_string().into_bytes(),
    };
    if rng.u8(..4) == 0 {
        damage(&mut delivery.body, &mut rng);
    }
    if rng.u8(..3) == 0 {
        for _ in 0..rng.u8(1..4) {
            let value = match rng.u8(..3) {
                0 => HeaderValue::from_bytes(&[rng.u8(128..), rng.u8(33..127)]).unwrap(),
                _ => HeaderValue::from_str(choose(&mut rng, &VALUES))
                    .unwrap_or(HeaderValue::from_static("sha256=x")),
            };
            delivery.headers.insert(choose(&mut rng, &HEADERS), value);
        }
    }
    if rng.u8(..8) == 0 {
        let names: Vec<_> = delivery.headers.keys().cloned().collect();
        delivery.headers.remove(&names[rng.usize(..names.len())]);
    }
    delivery
}

fn choose<T: Copy>(rng: &mut Rng, all: &[T]) -> T {
    all[rng.usize(..all.len())]
}

/// Changes a field of a body, or of an object in it.
fn change(body: &mut Value, rng: &mut Rng) {
    let inner = ["repository", "project", "head_commit"];
    let (at, names) = match rng.u8(..4) {
        0 => (&mut body[choose(rng, &inner)], &NAMES[..]),
        1 if body["commits"][0].is_object() => (&mut body["commits"][0], &["id", "message"][..]),
        _ => (body, &NAMES[..]),
    };
    let Value::Object(fields) = at else { return };
    let name = choose(rng, names);
    match rng.u8(..4) {
        0 => _ = fields.remove(name),
        1 => _ = fields.insert(name.into(), choose(rng, &TEXTS).into()),
        _ => _ = fields.insert(name.into(), value(rng, 2)),
    }
}

fn value(rng: &mut Rng, depth: u8) -> Value {
    match rng.u8(..12) {
        0 => json!(null),
        1 => rng.bool().into(),
        2 => choose(rng, &[0, 1, -1, i64::MAX]).into(),
        3 => f64::from(rng.i32(..)).into(),
        4 => ("x".repeat(rng.usize(..3)) + &"é€".repeat(rng.usize(..3000))).into(),
        5 | 6 if depth > 0 => (0..rng.u8(..40)).map(|_| value(rng, depth - 1)).collect(),
        7 | 8 if depth > 0 => {
            let names =
                (0..rng.u8(..6)).map(|_| choose(rng, &NAMES).to_owned()).collect::<Vec<_>>();
            let fields = names.into_iter().map(|name| (name, value(rng, depth - 1)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        _ => choose(rng, &TEXTS).into(),
    }
}

/// Damages the text of a body.
fn damage(body: &mut Vec<u8>, rng: &mut Rng) {
    if body.is_empty() {
        return;
    }
    let at = rng.usize(..body.len());
    match rng.u8(..5) {
        0 => body.truncate(at),
        1 => body[at] ^= rng.u8(1..),
        2 => drop(body.splice(at..at, *b"\\ud800")),
        3 => drop(body.splice(at..at, *b"\xff\xe2\x82")),
        _ => drop(body.splice(0..0, *b"\xef\xbb\xbf")),
    }
}

/// Checks made-up deliveries with a function that returns the name of each outcome. No outcome may be rare.
pub fn check_all(check: fn(&Delivery) -> &'static str, outcomes: usize) {
    // Two threads, each with every other seed.
    let halves = [0, 1].map(|first| {
        thread::spawn(move || {
            let mut seen = BTreeMap::<_, u64>::new();
            for seed in (first..count()).step_by(2) {
                let delivery = made_up(seed);
                let outcome = catch_unwind(AssertUnwindSafe(|| check(&delivery)));
                let body = || String::from_utf8_lossy(&delivery.body).into_owned();
                let outcome = outcome
                    .unwrap_or_else(|_| panic!("seed {seed}: {:?}", (&delivery.headers, body())));
                *seen.entry(outcome).or_default() += 1;
            }
            seen
        })
    });
    let mut seen = BTreeMap::<_, u64>::new();
    for (outcome, count) in halves.into_iter().flat_map(|half| half.join().unwrap()) {
        *seen.entry(outcome).or_default() += count;
    }
    assert_eq!(seen.len(), outcomes, "{seen:?}");
    assert!(seen.values().all(|seen| *seen > count() / 500), "{seen:?}");
}
