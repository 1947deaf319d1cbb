//! Every operation of `openapi.yaml`: how it is called, what is sent, and what is a good response.

use crate::mocks::MockServerExt;
use crate::support::JOB;
use huaweicloud_core::{Error, httpmock::MockServer};
use std::{future::Future, pin::Pin};
use whole_service::api::{Client, types};

pub(crate) type Call = fn(&Client) -> Pin<Box<dyn Future<Output = Result<(), Error>> + '_>>;

pub(crate) struct Operation {
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    /// What follows the id of the job in the path.
    pub(crate) path: &'static str,
    pub(crate) query: &'static str,
    /// The body that is sent, if it is a text.
    pub(crate) sent: Option<&'static str>,
    pub(crate) good: Good,
    pub(crate) may_be_made_twice: bool,
    pub(crate) call: Call,
    /// Calls that break a bound, and what the errors say.
    pub(crate) broken: [(Call, Option<&'static str>); 2],
    /// A typed mock of the call. Gives its id.
    pub(crate) mock: fn(&MockServer) -> usize,
}

/// A response.
#[derive(Clone, Copy)]
pub(crate) struct Good(pub(crate) u16, pub(crate) &'static str, pub(crate) &'static str);

/// A text that would be another path, and a regular expression.
const TEXT: &str = "a (b)/.é+%\\";

/// The same as it is sent.
macro_rules! text_sent {
    () => {
        "a%20(b)%2F.%C3%A9+%25%5C"
    };
}

/// The shapes of a query. The last one has an argument in the path as well.
macro_rules! query {
    (sent none) => { "" };
    (set none, $call:expr) => { $call };
    (expect none, $when:expr) => { $when };

    (sent page) => { "page=100" };
    (set page, $call:expr) => { $call.page(100_u32) };
    (broken page, $call:expr) => { $call.page(0_u32) };
    (says page) => { Some("page 0: must be 1 to 100") };
    (expect page, $when:expr) => { $when.page(Some(&"100".parse().unwrap())).q(None) };

    // Both ends are bounds, one of them is excluded.
    (sent limit) => { "limit=0" };
    (set limit, $call:expr) => { $call.limit(0_i64) };
    (broken limit, $call:expr) => { $call.limit(51_i64) };
    (says limit) => { Some("limit 51: must be 0 to 50") };
    (expect limit, $when:expr) => { $when.limit(&"0".parse().unwrap()) };

    (sent ids) => { "ids=a&ids=b%20c" };
    (set ids, $call:expr) => { $call.ids(vec!["a".to_owned(), "b c".to_owned()]) };
    (expect ids, $when:expr) => { $when.ids(&vec!["a".to_owned(), "b c".to_owned()]) };

    (sent numbers) => { "numbers=1&numbers=2" };
    (set numbers, $call:expr) => { $call.numbers(vec![1_i64, 2]) };
    (broken numbers, $call:expr) => { $call.numbers(vec![1_i64, 2, 3]) };
    (says numbers) => { Some("numbers (3 items): must have 1 to 2 items") };
    (expect numbers, $when:expr) => { $when.numbers(Some(&vec![1_i64, 2].try_into().unwrap())) };

    (sent order) => { "order=asc" };
    (set order, $call:expr) => { $call.order("asc") };
    (broken order, $call:expr) => { $call.order("up") };
    (says order) => { Some("order \"up\": must be one of asc, desc") };
    (expect order, $when:expr) => { $when.order(Some("asc".parse().unwrap())) };

    (sent states) => { "deep=true&states=on&states=off" };
    (set states, $call:expr) => {
        $call.states(vec!["on".parse().unwrap(), "off".parse().unwrap()]).deep(true)
    };
    (expect states, $when:expr) => {
        $when.states(Some(&vec!["on".parse().unwrap(), "off".parse().unwrap()])).deep(true)
    };

    (sent since) => { "since=2026-01-01T00%3A00%3A00Z" };
    (set since, $call:expr) => { $call.since("2026-01-01T00:00:00Z") };
    (expect since, $when:expr) => { $when.since("2026-01-01T00:00:00Z").key(None) };

    (sent name) => { "name=abc&share=0.5" };
    (set name, $call:expr) => { $call.name("abc").share(0.5) };
    (broken name, $call:expr) => { $call.name("a") };
    (says name) => {
        Some("name \"a\": must be 2 to 4 characters and must match the pattern ^[a-z]+$")
    };
    (expect name, $when:expr) => {
        $when.name(&"abc".parse().unwrap()).share(Some(&"0.5".parse().unwrap()))
    };

    (sent level) => { "level=5" };
    (set level, $call:expr) => { $call.level(5_i32) };
    (broken level, $call:expr) => { $call.level(5_i32).share(0.0) };
    (says level) => { Some("share 0: must be more than 0 and at most 1") };
    (expect level, $when:expr) => { $when.level(&"5".parse().unwrap()).share(None) };

    // A name that the generated code would need for itself, or could not spell.
    (sent odd $name:literal $set:ident) => { concat!($name, "=x") };
    (set odd $name:literal $set:ident, $call:expr) => { $call.$set("x") };
    (expect odd $name:literal $set:ident, $when:expr) => { $when.$set("x") };

    (sent text) => { query!(sent page) };
    (set text, $call:expr) => { query!(set page, $call.text(TEXT)) };
    (broken text, $call:expr) => { query!(broken page, $call.text(TEXT)) };
    (says text) => { query!(says page) };
    (expect text, $when:expr) => { query!(expect page, $when.text(TEXT)) };

    // All others have no bound.
    (broken $shape:ident $($name:literal $set:ident)?, $call:expr) => { $call };
    (says $($shape:tt)*) => { None };
}

/// The shapes of a body.
macro_rules! body {
    (sent none) => {
        None
    };
    (set none, $call:expr) => {
        $call
    };
    (expect none, $when:expr) => {
        $when
    };

    (sent object) => {
        Some(r#"{"name":"abc"}"#)
    };
    (set object, $call:expr) => {
        $call.body_map(|it| it.name("abc"))
    };
    (broken object, $call:expr) => {
        $call.body_map(|it| it.name("abcd"))
    };
    (says object) => {
        Some("name \"abcd\": must be at most 3 characters")
    };

    (sent texts) => {
        Some(r#"["a"]"#)
    };
    (set texts, $call:expr) => {
        $call.body(vec!["a".to_owned()])
    };

    (sent items $item:ident) => {
        Some(r#"[{"count":1}]"#)
    };
    (set items $item:ident, $call:expr) => {
        $call.body(vec![{
            let mut item = types::$item::default();
            item.count = Some(1_u32.try_into().unwrap());
            item
        }])
    };

    (sent map) => {
        Some(r#"{"a":1}"#)
    };
    (set map, $call:expr) => {
        $call.body(serde_json::Map::from_iter([("a".to_owned(), serde_json::json!(1))]))
    };

    (sent numbers) => {
        Some("[7]")
    };
    (set numbers, $call:expr) => {
        $call.body(vec![7_i64])
    };
    (broken numbers, $call:expr) => {
        $call.body(vec![7_i64, 8])
    };
    (says numbers) => {
        Some("body (2 items): must have at most 1 items")
    };

    // Its fields have names that mean something else to the generated code.
    (sent closed) => {
        Some(r#"{"result":"other"}"#)
    };
    (set closed, $call:expr) => {
        $call.body_map(|it| it.result(Some("other".parse().unwrap())))
    };

    (sent bytes) => {
        None
    };
    (set bytes, $call:expr) => {
        $call.body(b"\x00\xff".to_vec())
    };
    (expect bytes, $when:expr) => {
        $when.body(b"\x00\xff".to_vec())
    };

    (sent text) => {
        Some("a text")
    };
    (set text, $call:expr) => {
        $call.body("a text")
    };
    (expect text, $when:expr) => {
        $when.body("a text".to_owned())
    };

    (sent form) => {
        Some("name=abc")
    };
    (set form, $call:expr) => {
        $call.body_map(|it| it.name("abc"))
    };

    // A schema of requests and of responses.
    (sent shared) => {
        Some(r#"{"kind":"big"}"#)
    };
    (set shared, $call:expr) => {
        $call.body_map(|it| it.kind(Some("big".parse().unwrap())))
    };

    // All others have no bound, and are not told apart by a mock.
    (broken $shape:ident $($item:ident)?, $call:expr) => {
        $call
    };
    (says $($shape:tt)*) => {
        None
    };
    (expect $shape:ident $($item:ident)?, $when:expr) => {
        $when
    };
}

const JSON: &str = "application/json";

/// Good responses of each shape.
macro_rules! good {
    (object) => {
        Good(200, JSON, r#"{"id":"x","state":"new","size":1}"#)
    };
    (envelope) => {
        Good(200, "application/json;charset=UTF-8", r#"{"status":"success","result":{"id":"x"}}"#)
    };
    (list) => {
        Good(200, JSON, r#"{"result":[{"id":"x"}]}"#)
    };
    (done) => {
        Good(200, JSON, r#"{"result":"done"}"#)
    };
    (texts) => {
        Good(200, JSON, r#"["a"]"#)
    };
    (objects) => {
        Good(200, JSON, r#"[{"id":"x"}]"#)
    };
    (text) => {
        Good(200, JSON, r#""a""#)
    };
    (number) => {
        Good(200, JSON, "7")
    };
    (boolean) => {
        Good(200, JSON, "true")
    };
    (map) => {
        Good(200, JSON, r#"{"a":[1]}"#)
    };
    (awkward) => {
        Good(200, JSON, r#"{"extra":"x"}"#)
    };
    (tree) => {
        Good(201, JSON, r#"{"name":"a","children":[{"name":"b"}]}"#)
    };
    (shared) => {
        Good(200, JSON, r#"{"kind":"huge"}"#)
    };
    (anything) => {
        Good(200, JSON, r#"{"a":1}"#)
    };
    (bytes) => {
        Good(200, "application/octet-stream", "\0bytes")
    };
    (plain) => {
        Good(200, "text/plain", "a text")
    };
    (accepted) => {
        Good(202, "", "")
    };
    (nothing) => {
        Good(204, "", "")
    };
    (outcome) => {
        Good(200, JSON, ONLY_OUTCOME)
    };
}

/// What the document shows of a response that has nothing but its outcome.
pub(crate) const ONLY_OUTCOME: &str = r#"{"status":"success","error":null}"#;

/// What follows the id of the job in the path.
macro_rules! path {
    ($number:literal text) => {
        concat!("/", $number, "/", text_sent!(), "/$all(1)$")
    };
    ($number:literal $($query:tt)*) => {
        concat!("/", $number)
    };
}

macro_rules! is_true {
    () => {
        false
    };
    (twice) => {
        true
    };
}

/// A call through the client of the generated code.
macro_rules! call {
    ($call:ident, $it:ident => $made:expr) => {
        |client| {
            Box::pin(async move {
                let $it = client.$call().thing_id(JOB);
                $made.send().await.map(drop)
            })
        }
    };
}

macro_rules! operations {
    ($($method:ident $number:literal $id:literal $call:ident
        [$($query:tt)*] [$($body:tt)*] -> $good:ident $($twice:ident)?;)*) => {
        pub(crate) static OPERATIONS: &[Operation] = &[$(Operation {
            id: $id,
            method: stringify!($method),
            path: path!($number $($query)*),
            query: query!(sent $($query)*),
            sent: body!(sent $($body)*),
            good: good!($good),
            may_be_made_twice: is_true!($($twice)?)
                || matches!(stringify!($method).as_bytes(), b"GET" | b"HEAD"),
            call: call!($call, it => body!(set $($body)*, query!(set $($query)*, it))),
            broken: [
                (
                    call!($call, it => body!(set $($body)*, query!(broken $($query)*, it))),
                    query!(says $($query)*),
                ),
                (
                    call!($call, it => body!(broken $($body)*, query!(set $($query)*, it))),
                    body!(says $($body)*),
                ),
            ],
            mock: |server| server.$call(|when, then| {
                let Good(status, kind, body) = good!($good);
                let kind = if kind.is_empty() { "x/y" } else { kind };
                let when = when.thing_id(&JOB.parse().unwrap());
                drop(body!(expect $($body)*, query!(expect $($query)*, when)));
                then.into_inner().status(status).header("content-type", kind).body(body);
            }).id(),
        }),*];
    };
}

operations! {
    GET 0 "Call0" call0 [none] [none] -> object;
    POST 1 "Call1" call1 [ids] [bytes] -> objects;
    PUT 2 "Call2" call2 [states] [items Call2BodyItem] -> awkward;
    DELETE 3 "Call3" call3 [level] [shared] -> plain twice;
    PATCH 4 "Call4" call4 [limit] [closed] -> envelope;
    GET 5 "Call5" call5 [order] [none] -> text;
    POST 6 "Call6" call6 [name] [form] -> tree twice;
    PUT 7 "Call7" call7 [page] [numbers] -> accepted;
    DELETE 8 "Call8" call8 [numbers] [object] -> list;
    PATCH 9 "Call9" call9 [since] [text] -> number twice;
    GET 10 "Call10" call10 [page] [none] -> shared;
    POST 11 "Call11" call11 [numbers] [object] -> nothing;
    PUT 12 "Call12" call12 [since] [text] -> done twice;
    DELETE 13 "Call13" call13 [none] [map] -> boolean;
    PATCH 14 "Call14" call14 [ids] [none] -> anything;
    GET 15 "Call15" call15 [states] [none] -> outcome;
    POST 16 "Call16" call16 [level] [items Call16BodyItem] -> texts;
    PUT 17 "Call17" call17 [limit] [shared] -> map;
    DELETE 18 "Call18" call18 [order] [closed] -> plain twice;
    PATCH 19 "Call19" call19 [name] [texts] -> envelope;
    GET 20 "Call20" call20 [limit] [none] -> text;
    POST 21 "Call21" call21 [order] [numbers] -> tree twice;
    PUT 22 "Call22" call22 [name] [texts] -> accepted;
    DELETE 23 "Call23" call23 [page] [form] -> list;
    PATCH 24 "Call24" call24 [numbers] [numbers] -> number twice;
    GET 25 "Call25" call25 [since] [none] -> shared;
    POST 26 "Call26" call26 [none] [text] -> nothing;
    PUT 27 "Call27" call27 [ids] [map] -> done twice;
    DELETE 28 "Call28" call28 [states] [none] -> boolean;
    PATCH 29 "Call29" call29 [level] [bytes] -> anything;
    GET 30 "Call30" call30 [ids] [none] -> outcome;
    POST 31 "Call31" call31 [states] [shared] -> texts;
    PUT 32 "Call32" call32 [level] [closed] -> map;
    DELETE 33 "Call33" call33 [limit] [items Call33BodyItem] -> bytes twice;
    PATCH 34 "Call34" call34 [order] [shared] -> object;
    GET 35 "Call35" call35 [name] [none] -> objects;
    POST 36 "Call36" call36 [page] [texts] -> tree twice;
    PUT 37 "Call37" call37 [numbers] [form] -> accepted;
    DELETE 38 "Call38" call38 [since] [numbers] -> list;
    PATCH 39 "Call39" call39 [none] [object] -> number twice;
    GET 40 "Call40" call40 [numbers] [none] -> shared;
    POST 41 "Call41" call41 [since] [map] -> nothing;
    PUT 42 "Call42" call42 [none] [none] -> done twice;
    DELETE 43 "Call43" call43 [ids] [bytes] -> boolean;
    PATCH 44 "Call44" call44 [states] [map] -> anything;
    GET 45 "Call45" call45 [level] [none] -> outcome;
    POST 46 "Call46" call46 [limit] [bytes] -> texts;
    PUT 47 "Call47" call47 [order] [items Call47BodyItem] -> map;
    DELETE 48 "Call48" call48 [name] [shared] -> bytes twice;
    PATCH 49 "Call49" call49 [page] [closed] -> object;
    GET 50 "Call50" call50 [order] [none] -> objects;
    POST 51 "Call51" call51 [name] [form] -> awkward twice;
    PUT 52 "Call52" call52 [page] [numbers] -> plain;
    DELETE 53 "Call53" call53 [numbers] [object] -> envelope;
    PATCH 54 "Call54" call54 [since] [text] -> number twice;
    GET 55 "Call55" call55 [none] [none] -> shared;
    POST 56 "Call56" call56 [ids] [object] -> nothing;
    PUT 57 "Call57" call57 [states] [text] -> done twice;
    DELETE 58 "Call58" call58 [level] [map] -> boolean;
    PATCH 59 "Call59" call59 [limit] [none] -> anything;
    GET 60 "Call60" call60 [states] [none] -> outcome;
    POST 61 "Call61" call61 [level] [items Call61BodyItem] -> texts;
    PUT 62 "Call62" call62 [limit] [shared] -> map;
    DELETE 63 "Call63" call63 [order] [closed] -> bytes twice;
    PATCH 64 "Call64" call64 [name] [texts] -> object;
    GET 65 "Call65" call65 [page] [none] -> objects;
    POST 66 "Call66" call66 [numbers] [closed] -> awkward twice;
    PUT 67 "Call67" call67 [since] [texts] -> plain;
    DELETE 68 "Call68" call68 [none] [form] -> envelope;
    PATCH 69 "Call69" call69 [ids] [numbers] -> text twice;
    GET 70 "Call70" call70 [since] [none] -> tree;
    POST 71 "Call71" call71 [none] [text] -> accepted;
    PUT 72 "Call72" call72 [ids] [map] -> done twice;
    DELETE 73 "Call73" call73 [states] [none] -> boolean;
    PATCH 74 "Call74" call74 [level] [bytes] -> anything;
    GET 75 "Call75" call75 [limit] [none] -> outcome;
    POST 76 "Call76" call76 [order] [shared] -> texts;
    PUT 77 "Call77" call77 [name] [bytes] -> map;
    DELETE 78 "Call78" call78 [page] [items Call78BodyItem] -> bytes twice;
    PATCH 79 "Call79" call79 [numbers] [shared] -> object;
    GET 80 "Call80" call80 [name] [none] -> objects;
    POST 81 "Call81" call81 [page] [texts] -> awkward twice;
    PUT 82 "Call82" call82 [numbers] [form] -> plain;
    DELETE 83 "Call83" call83 [since] [numbers] -> envelope;
    PATCH 84 "Call84" call84 [none] [object] -> text twice;
    GET 85 "Call85" call85 [ids] [none] -> tree;
    POST 86 "Call86" call86 [states] [map] -> accepted;
    PUT 87 "Call87" call87 [level] [none] -> list twice;
    DELETE 88 "Call88" call88 [limit] [text] -> number;
    PATCH 89 "Call89" call89 [order] [map] -> shared;
    GET 90 "Call90" call90 [level] [none] -> outcome;
    POST 91 "Call91" call91 [limit] [bytes] -> texts;
    PUT 92 "Call92" call92 [order] [items Call92BodyItem] -> map;
    DELETE 93 "Call93" call93 [name] [shared] -> bytes twice;
    PATCH 94 "Call94" call94 [page] [closed] -> object;
    GET 95 "Call95" call95 [numbers] [none] -> objects;
    POST 96 "Call96" call96 [since] [form] -> awkward twice;
    PUT 97 "Call97" call97 [none] [numbers] -> plain;
    DELETE 98 "Call98" call98 [ids] [object] -> envelope;
    PATCH 99 "Call99" call99 [states] [form] -> text twice;
    GET 100 "Call100" call100 [none] [none] -> tree;
    POST 101 "Call101" call101 [ids] [object] -> accepted;
    PUT 102 "Call102" call102 [states] [text] -> list twice;
    DELETE 103 "Call103" call103 [level] [map] -> number;
    PATCH 104 "Call104" call104 [limit] [none] -> shared;
    GET 105 "Call105" call105 [order] [none] -> nothing;
    POST 106 "Call106" call106 [name] [items Call106BodyItem] -> done;
    PUT 107 "Call107" call107 [page] [shared] -> boolean;
    DELETE 108 "Call108" call108 [numbers] [closed] -> bytes twice;
    PATCH 109 "Call109" call109 [since] [texts] -> object;
    GET 110 "Call110" call110 [page] [none] -> objects;
    POST 111 "Call111" call111 [numbers] [closed] -> awkward twice;
    PUT 112 "Call112" call112 [since] [texts] -> plain;
    DELETE 113 "Call113" call113 [none] [form] -> envelope;
    PATCH 114 "Call114" call114 [ids] [numbers] -> text twice;
    GET 115 "Call115" call115 [states] [none] -> tree;
    POST 116 "Call116" call116 [level] [text] -> accepted;
    PUT 117 "Call117" call117 [limit] [map] -> list twice;
    DELETE 118 "Call118" call118 [order] [none] -> number;
    PATCH 119 "Call119" call119 [name] [bytes] -> shared;
    GET 200 "Move" move_ [page] [none] -> object;
    GET 201 "type" type_ [page] [none] -> envelope;
    GET 202 "2faStatus" _2fa_status [page] [none] -> list;
    GET 203 "result" result_operation [page] [none] -> done;
    GET 204 "Error" error_operation [page] [none] -> object;
    GET 205 "new" new_operation [page] [none] -> envelope;
    GET 206 "exec" exec_operation [page] [none] -> list;
    GET 207 "inner" inner_operation [page] [none] -> done;
    GET 208 "client" client_operation [page] [none] -> object;
    GET 209 "listV2-all" list_v2_all [page] [none] -> envelope;
    GET 210 "Self" self_ [page] [none] -> list;
    GET 211 "option" option_operation [page] [none] -> done;
    HEAD 300 "Call300" call300 [none] [none] -> accepted;
    HEAD 301 "Call301" call301 [page] [none] -> accepted;
    HEAD 302 "Call302" call302 [limit] [none] -> accepted;
    HEAD 303 "Call303" call303 [ids] [none] -> accepted;
    POST 400 "Call400" call400 [odd "client" client_parameter] [none] -> object;
    POST 401 "Call401" call401 [odd "body" body_parameter] [none] -> object;
    POST 402 "Call402" call402 [odd "send" send_parameter] [none] -> object;
    POST 403 "Call403" call403 [odd "new" new_parameter] [object] -> object;
    POST 404 "Call404" call404 [odd "type" type_] [none] -> object;
    POST 405 "Call405" call405 [odd "self" self_] [object] -> object;
    POST 406 "Call406" call406 [odd "header_map" header_map_parameter] [none] -> object;
    POST 407 "Call407" call407 [odd "url" url] [object] -> object;
    POST 408 "Call408" call408 [odd "request" request] [none] -> object;
    POST 409 "Call409" call409 [odd "response" response] [object] -> object;
    POST 410 "Call410" call410 [odd "result" result] [none] -> object;
    POST 411 "Call411" call411 [odd "info" info] [object] -> object;
    POST 412 "Call412" call412 [odd "value" value] [none] -> object;
    POST 413 "Call413" call413 [odd "X-Odd.Name" x_odd_name] [object] -> object;
    POST 414 "Call414" call414 [odd "into_inner" into_inner_parameter] [none] -> object;
    POST 415 "Call415" call415 [odd "2nd" _2nd] [object] -> object;
    GET 500 "Call500" call500 [text] [none] -> outcome;
    POST 501 "Call501" call501 [text] [object] -> outcome;
    PUT 502 "Call502" call502 [text] [none] -> outcome;
    DELETE 503 "Call503" call503 [text] [object] -> outcome;
}
