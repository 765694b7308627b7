//! `/v1/workflows/payment`: the module's workflows, for moderators.

stoa_durable::workflow_routes! {
    engine: crate::flows::ENGINE, lane: "payment-flows", tag: "payment",
    list: "/v1/workflows/payment" as "list_payment_workflows",
    read: "/v1/workflows/payment/{id}" as "read_payment_workflow",
    retry: "/v1/workflows/payment/{id}/retry" as "retry_payment_workflow",
    cancel: "/v1/workflows/payment/{id}/cancel" as "cancel_payment_workflow",
}
