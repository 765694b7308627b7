//! `/v1/workflows/order`: the module's workflows, for moderators.

stoa_durable::workflow_routes! {
    engine: crate::flows::ENGINE, lane: "order-flows", tag: "order",
    list: "/v1/workflows/order" as "list_order_workflows",
    read: "/v1/workflows/order/{id}" as "read_order_workflow",
    retry: "/v1/workflows/order/{id}/retry" as "retry_order_workflow",
    cancel: "/v1/workflows/order/{id}/cancel" as "cancel_order_workflow",
}
