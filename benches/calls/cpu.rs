//! CPU time of calls. All contenders take turns on one thread, so that what slows down the machine
//! slows down all of them. A ratio is that of two contenders in the same round.

use crate::{
    contender::{Caller, Contender},
    operation::Operation,
    support::{Result, cpu_time, median, quantile, server::Address},
};
use std::time::{Duration, Instant};
use tokio::{runtime::Runtime, task::JoinSet, time::sleep};
use tracing::{callsite::rebuild_interest_cache, dispatcher::with_default};

/// CPU time of a call in microseconds, in each round.
struct Samples(Vec<(Contender, Vec<f64>)>);

impl Samples {
    fn of(&self, contender: Contender) -> &[f64] {
        self.0.iter().find(|(it, _)| *it == contender).map_or(&[], |(_, times)| times)
    }

    fn time(&self, contender: Contender) -> f64 {
        median(self.of(contender))
    }

    /// The ratio to reqwest: median, and the range without the lowest and the highest tenth.
    fn ratio(&self, contender: Contender) -> String {
        let pairs = self.of(contender).iter().zip(self.of(Contender::Reqwest));
        let ratios: Vec<_> = pairs.map(|(time, reqwest)| time / reqwest).collect();
        let [low, middle, high] = [0.1, 0.5, 0.9].map(|share| quantile(&ratios, share));
        format!("{middle:.2} ({low:.2}–{high:.2})")
    }

    /// What a contender takes more than a token alone.
    fn over_token(&self, contender: Contender) -> f64 {
        let pairs = self.of(contender).iter().zip(self.of(Contender::Token));
        median(&pairs.map(|(time, token)| time - token).collect::<Vec<_>>())
    }
}

/// Measures every operation at 1 and at 64 in flight, over plain http and over TLS.
pub fn calls(runtime: &Runtime, server: &Address, limit: Duration) -> Result {
    println!(
        "CPU time of a call in µs; ratio to reqwest of the same round, with its middle 80 %\n"
    );
    println!(
        "| call, in flight, over | hyper | reqwest | token | keys | traced | keys - token \
         | traced - token |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (url, over) in [(&server.http, "http"), (&server.https, "TLS")] {
        for in_flight in [1, 64] {
            for operation in Operation::ALL {
                let mut callers = Vec::new();
                for contender in Contender::ALL {
                    callers.push((contender, contender.caller(url, &server.certificate)?));
                }
                let calls = if in_flight == 1 { 256 } else { 512 };
                let batch = Batch { operation, calls, in_flight };
                for (_, caller) in &callers {
                    runtime.block_on(batch.run(caller))?;
                }
                let samples = interleaved(&Contender::ALL, limit, |contender| {
                    let (_, caller) = callers.iter().find(|(it, _)| *it == contender).unwrap();
                    let subscriber = contender.subscriber();
                    let measure = || runtime.block_on(batch.measure(caller));
                    match &subscriber {
                        Some(subscriber) => with_default(subscriber, measure),
                        None => measure(),
                    }
                })?;
                print!("| {}, {in_flight}, {over} |", operation.name());
                for contender in Contender::ALL {
                    print!(" {:.1}", samples.time(contender));
                    if contender != Contender::Reqwest {
                        print!(", {}", samples.ratio(contender));
                    }
                    print!(" |");
                }
                let [keys, traced] =
                    [Contender::Keys, Contender::Traced].map(|it| samples.over_token(it));
                println!(" {keys:.1} | {traced:.1} |");
            }
        }
    }
    println!();
    Ok(())
}

/// Measures 1,000 starts at once over TLS, each time with new clients.
pub fn burst(runtime: &Runtime, server: &Address, limit: Duration) -> Result {
    let batch = Batch { operation: Operation::RunJob, calls: 1000, in_flight: 1000 };
    let samples = interleaved(&[Contender::Reqwest, Contender::Token], limit, |contender| {
        let caller = contender.caller(&server.https, &server.certificate)?;
        let time = runtime.block_on(batch.measure(&caller))?;
        drop(caller);
        // Its connections close.
        runtime.block_on(async { sleep(Duration::from_millis(20)).await });
        Ok(time)
    })?;
    println!("Burst of 1,000 starts over TLS, a new client each time, CPU time of a call in µs:");
    println!(
        "reqwest {:.1}, token {:.1}, ratio {}\n",
        samples.time(Contender::Reqwest),
        samples.time(Contender::Token),
        samples.ratio(Contender::Token)
    );
    Ok(())
}

/// Measures one contender after the other, again and again, until the time is over.
fn interleaved(
    contenders: &[Contender],
    limit: Duration,
    mut measure: impl FnMut(Contender) -> Result<f64>,
) -> Result<Samples> {
    let mut samples: Vec<_> = contenders.iter().map(|it| (*it, Vec::new())).collect();
    let start = Instant::now();
    for round in 0.. {
        if round >= 3 && start.elapsed() > limit {
            break;
        }
        // The order changes, so that no contender always runs after the same one.
        let count = samples.len();
        for place in 0..count {
            let place = if round % 2 == 0 { place } else { count - 1 - place };
            let (contender, times) = &mut samples[(place + round) % count];
            times.push(measure(*contender)?);
            // Turns the instrumentation off again after a subscriber.
            rebuild_interest_cache();
        }
    }
    Ok(Samples(samples))
}

#[derive(Clone, Copy)]
pub struct Batch {
    pub operation: Operation,
    pub calls: usize,
    pub in_flight: usize,
}

impl Batch {
    /// Makes the calls and gives the CPU time of each in microseconds.
    async fn measure(self, caller: &Caller) -> Result<f64> {
        let start = cpu_time();
        self.run(caller).await?;
        // Work after the last call, such as closing connections, is part of the cost.
        sleep(Duration::from_millis(2)).await;
        Ok((cpu_time() - start).as_secs_f64() * 1e6 / self.calls as f64)
    }

    /// Makes the calls.
    pub async fn run(self, caller: &Caller) -> Result {
        if self.in_flight == 1 {
            return self.one_after_the_other(caller, self.calls).await;
        }
        let mut tasks = JoinSet::new();
        for _ in 0..self.in_flight {
            let caller = caller.clone();
            let calls = self.calls / self.in_flight;
            tasks.spawn(async move { self.one_after_the_other(&caller, calls).await });
        }
        while let Some(ended) = tasks.join_next().await {
            ended??;
        }
        Ok(())
    }

    async fn one_after_the_other(self, caller: &Caller, calls: usize) -> Result {
        for _ in 0..calls {
            caller.call(self.operation).await?;
        }
        Ok(())
    }
}
