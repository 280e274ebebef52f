//! What the mesh must know of each RPC, and what stores must know of each call.

use covergen_identity::Caller;
use covergen_mesh::{CallContext, MethodFacts, Services};
use covergen_proto::Method;

use crate::StaleReads;

/// Looks a method up by its path.
#[must_use]
pub fn facts(path: &str) -> Option<MethodFacts> {
    Method::find(path).map(|method| MethodFacts {
        idempotent: method.idempotent,
        deadline_ms: Some(method.deadline_ms).filter(|ms| *ms > 0),
        client_streaming: method.client_streaming,
        server_streaming: method.server_streaming,
    })
}

/// Tells the store which call its rows come from, so that events and commands
/// carry the trace on, and notes who may have changed something.
pub(crate) fn traced(services: &Services, writers: Option<StaleReads>) -> Services {
    services.around(move |request, service| {
        let Some(context) = CallContext::current() else {
            return service.call(request);
        };
        let origin = covergen_store::CallContext {
            traceparent: context.trace_parent().to_string(),
            correlation_id: context.request_id().to_string(),
            causation_id: String::new(),
            deadline: context.deadline(),
        };
        let writers = writers.clone();
        // A release has no points to name after the method.
        let is_named = writers.is_some() || cfg!(debug_assertions);
        let uri = is_named.then(|| request.uri().clone());
        let answering = service.call(request);
        Box::pin(async move {
            let path = uri.as_ref().map_or("", |uri| uri.path());
            let name = path.rsplit('/').next().unwrap_or_default();
            covergen_failpoint::pass(name, "called");
            let answer = origin.scope(answering).await;
            covergen_failpoint::pass(name, "answered");
            if let Some(writers) = writers {
                let caller = context.caller::<Caller>().and_then(Caller::principal);
                // Before the answer is sent: whoever has it sees what it says.
                writers.called(path, caller.map(|who| who.user_id)).await;
            }
            answer
        })
    })
}

#[cfg(test)]
mod tests {
    use super::facts;

    #[test]
    fn a_deadline_is_the_contracts_only_where_it_states_one() {
        let deadline = |path| facts(path).expect("is in a contract").deadline_ms;
        assert_eq!(deadline("/covergen.task.v1.TaskService/GetTask"), None);
        let stated = deadline("/covergen.task.v1.TaskService/LeaseTasks");
        assert!(stated.is_some_and(|ms| ms > 0));
    }
}
