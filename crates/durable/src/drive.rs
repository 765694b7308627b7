//! Running a workflow as far as it goes.

use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::context::Context;
use crate::engine::{End, Engine, EngineError};
use crate::failure::Stop;
use crate::run::Run;
use crate::step::Step;

/// How long one run goes on: then it begins no further step, and gives the workflow back. Somebody
/// waits for the answer of the request that runs it, and in a lane others wait behind it.
const RUN_FOR: Duration = Duration::from_secs(2);
/// How soon a workflow is looked at again that newer code began.
const NEWER_PAUSE_MS: u32 = 60_000;

/// A process: a plain async function over a context. Nothing in it outside of steps reads a clock,
/// chance, or anything else that may be different the next time.
pub trait Workflow {
    /// As it stands in the store, such as `checkout`.
    const KIND: &'static str;
    /// Of this code. A run is told by [`Context::version`] which one began it.
    const VERSION: i32 = 1;
    /// What it is started with.
    type Input: DeserializeOwned;
    /// What it comes to.
    type Output: Serialize;
    /// Its steps.
    type Step: Step;

    /// The process.
    fn run(
        ctx: &Context<'_, Self::Step>,
        input: Self::Input,
    ) -> impl Future<Output = Result<Self::Output, Stop>>;
}

/// How far a run got.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    /// To its end: the output. Of a workflow that one of its statements ended too.
    Completed(Value),
    /// It failed, and everything is undone: the refusal.
    Failed(Value),
    /// It was cancelled, and everything is undone.
    Cancelled,
    /// It waits, will be tried again, or is to be gone on with by somebody who has time.
    Suspended,
    /// A person has to look.
    Stuck,
    /// Somebody else has it.
    Superseded,
}

/// Runs it from its journal until it ends, waits or fails, but for about two seconds: the step that is
/// under way then is the last of this run.
///
/// # Errors
/// [`EngineError::Unavailable`]: how far it got is unknown; whoever has the next lease finds out.
pub async fn drive<W: Workflow>(engine: &dyn Engine, run: Run) -> Result<Ended, EngineError> {
    let now = Instant::now();
    drive_until::<W>(engine, run, now.checked_add(RUN_FOR).unwrap_or(now)).await
}

/// The same with a time of the caller's after which no step is begun. It gets one step further in any
/// case.
///
/// # Errors
/// As [`drive`].
pub async fn drive_until<W: Workflow>(
    engine: &dyn Engine,
    run: Run,
    until: Instant,
) -> Result<Ended, EngineError> {
    let (input, version) = (run.input.clone(), run.version);
    let ctx: Context<'_, W::Step> = Context::new(engine, run, until);
    let ended = if version > W::VERSION {
        let text = format!(
            "version {version} of the code began it, and this is {}",
            W::VERSION
        );
        let newer = Some("!version".to_owned());
        Err(ctx.give_back(newer, &text, NEWER_PAUSE_MS, false).await)
    } else {
        match serde_json::from_value::<W::Input>(input) {
            Ok(input) => {
                let result = W::run(&ctx, input).await;
                finish(&ctx, result).await
            }
            Err(error) => {
                let text = format!("its input does not read: {error}");
                Err(ctx.stick_with(text).await)
            }
        }
    };
    match ended {
        Ok(ended) => Ok(ended),
        Err(Stop::Suspended) => Ok(Ended::Suspended),
        Err(Stop::Superseded) => Ok(Ended::Superseded),
        Err(Stop::Stuck) => Ok(Ended::Stuck),
        Err(Stop::Refused(refusal)) => Ok(Ended::Failed(refusal)),
        Err(Stop::Engine(text)) => Err(EngineError::Unavailable(text)),
    }
}

/// What the flow's end means for the workflow.
async fn finish<S: Step, O: Serialize>(
    ctx: &Context<'_, S>,
    result: Result<O, Stop>,
) -> Result<Ended, Stop> {
    if ctx.has_ended() {
        // Whatever the flow tried afterwards.
        let output = result.ok().map(|output| serde_json::to_value(&output));
        return Ok(Ended::Completed(
            output.and_then(Result::ok).unwrap_or_default(),
        ));
    }
    ctx.check_stopped()?;
    match result {
        Ok(output) => complete(ctx, &output).await,
        Err(Stop::Refused(refusal)) => back(ctx, refusal).await,
        Err(stop) => {
            let text = format!("the code stops by itself: {stop:?}");
            Err(ctx.stick_with(text).await)
        }
    }
}

async fn complete<S: Step, O: Serialize>(ctx: &Context<'_, S>, output: &O) -> Result<Ended, Stop> {
    check_asked(ctx, false).await?;
    check_asked(ctx, true).await?;
    let output = match serde_json::to_value(output) {
        Ok(output) => output,
        Err(error) => {
            let text = format!("its output cannot be written: {error}");
            return Err(ctx.stick_with(text).await);
        }
    };
    let end = ctx
        .engine
        .end(ctx.pending(), End::Completed, output.clone());
    ctx.stored(end.await)?;
    Ok(Ended::Completed(output))
}

/// Undoes what was registered, the last first, and ends it.
async fn back<S: Step>(ctx: &Context<'_, S>, refusal: Value) -> Result<Ended, Stop> {
    // Of what was done by code that is another one by now the undo may not be registered.
    check_asked(ctx, false).await?;
    let mut undos = ctx.take_undos();
    if !undos.is_empty() {
        ctx.turn_back(&refusal).await?;
    }
    while let Some(undo) = undos.pop() {
        ctx.undo_one(&undo).await?;
    }
    check_asked(ctx, true).await?;
    let on_request = refusal.get("code").and_then(Value::as_str) == Some("cancelled");
    let (end, ended) = if on_request && ctx.is_cancelled() {
        (End::Cancelled, Ended::Cancelled)
    } else {
        (End::Failed, Ended::Failed(refusal.clone()))
    };
    let call = ctx
        .engine
        .end(ctx.pending(), end, json!({"refused": refusal}));
    ctx.stored(call.await)?;
    Ok(ended)
}

async fn check_asked<S: Step>(ctx: &Context<'_, S>, undone: bool) -> Result<(), Stop> {
    let unasked = ctx.journal.borrow().unasked(undone);
    if unasked.is_empty() {
        return Ok(());
    }
    let text = format!(
        "the code did not ask for what the journal has: {}",
        unasked.join(", ")
    );
    Err(ctx.stick_with(text).await)
}
