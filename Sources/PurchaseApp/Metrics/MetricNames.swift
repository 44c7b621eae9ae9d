/// What each metric says. docs/metrics.md lists the same names, and a test compares both.
enum MetricNames {
    static let help: [String: String] = [
        "purchase_http_request_duration_seconds": "Time to answer a request, by method, route and status.",
        "saga_events_emitted_total": "Events committed, by type.",
        "saga_deliveries_total": "Events handled, by consumer and what became of them.",
        "saga_delivery_delay_seconds": "Time from an event's commit until a consumer has handled it.",
        "saga_activity_pauses_total": "Times that an activity could not work and waited, by activity.",
        "purchase_order_duration_seconds": "Time from placing an order to its outcome.",
        "purchase_order_settlement_duration_seconds":
            "Time from placing an order until nothing of it is under way any more.",
        "purchase_orders_open": "Orders that are not settled, by status.",
        "purchase_orders_oldest_open_age_seconds": "Age of the oldest order that is not settled; 0 if there is none.",
        "purchase_gateway_calls_total": "Calls of the payment gateway, by operation and outcome.",
        "purchase_gateway_resting": "1 while the payment gateway is down and left alone.",
        "purchase_notifications_pending": "Notifications waiting to be sent.",
        "saga_outbox_events": "Events in the outbox.",
        "saga_outbox_oldest_age_seconds":
            "Age of the oldest event that some consumer has not handled; 0 if there is none.",
        "saga_outbox_unsent_events": "Events that this process has yet to send.",
        "saga_outbox_refused_events":
            "Events that Redis refuses while it takes others; they are tried again.",
        "saga_outbox_unsent_oldest_age_seconds": "How long the oldest of them has waited; 0 if there is none.",
        "saga_consumer_lag_events": "Events that a consumer has yet to handle.",
        "saga_retries": "Messages waiting to be tried again, by consumer.",
        "saga_parked": "Messages set aside for a person to look at, by consumer.",
        "saga_inbox_events": "Rows of the inboxes.",
        "purchase_database_connections_in_use": "Connections of the pool that run something.",
        "purchase_database_connections_limit": "Connections that the pool may have.",
        "purchase_database_waiting_transactions": "Transactions that wait for a connection of the pool.",
        "purchase_database_waits_total": "Transactions that found no connection of the pool free.",
        "purchase_database_refusals_total": "Transactions that waited too long for a connection and were refused.",
        "purchase_database_wait_seconds_total": "Time for which transactions waited for a connection of the pool.",
        "purchase_audit_entries_total": "Entries of the audit trail recorded, by source.",
        "purchase_audit_batches_total": "Batches of entries, by source and result.",
        "purchase_audit_batch_duration_seconds": "Time to record a batch of entries, by source.",
        "purchase_audit_waiting_age_seconds":
            "How long the oldest event or change has waited that this process has yet to record; 0 if there is none.",
        "purchase_audit_store_up": "1 if the last attempt to record succeeded, 0 if the store was away.",
        "purchase_gauges_readable": "1 if the gauges of a source could be read, 0 if they are missing here.",
        "process_resident_memory_bytes": "Memory of the process.",
        "process_cpu_seconds_total": "Processor time of the process.",
        "process_open_fds": "Files and connections that the process has open.",
        "process_start_time_seconds": "When the process started, in seconds since 1970.",
        "purchase_info": "1, labelled with the version.",
    ]
}
