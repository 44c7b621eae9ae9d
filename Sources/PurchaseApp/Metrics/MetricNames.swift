/// What each metric says. docs/configuration.md lists the same names; a test sees to it.
enum MetricNames {
    static let help: [String: String] = [
        "purchase_http_request_duration_seconds": "Time to answer a request, by method, route and status.",
        "saga_events_emitted_total": "Events committed, by type.",
        "saga_deliveries_total": "Events handled, by consumer and what became of them.",
        "purchase_orders_open": "Orders that are not settled, by status.",
        "purchase_orders_oldest_open_age_seconds": "Age of the oldest order that is not settled; 0 if there is none.",
        "purchase_gateway_calls_total": "Calls of the payment gateway, by operation and outcome.",
        "purchase_gateway_resting": "1 while the payment gateway is down and left alone.",
        "purchase_notifications_pending": "Notifications waiting to be sent.",
        "saga_outbox_events": "Events in the outbox.",
        "saga_outbox_oldest_age_seconds":
            "Age of the oldest event that some consumer has not handled; 0 if there is none.",
        "saga_unacknowledged_events": "Events that a consumer has not handled yet, summed over consumers.",
        "saga_retries": "Messages waiting to be tried again.",
        "saga_parked": "Messages set aside for a person to look at.",
        "saga_inbox_events": "Rows of the inboxes.",
        "process_resident_memory_bytes": "Memory of the process.",
        "process_cpu_seconds_total": "Processor time of the process.",
        "process_open_fds": "Files and connections that the process has open.",
        "process_start_time_seconds": "When the process started, in seconds since 1970.",
        "purchase_info": "1, labelled with the version.",
    ]
}
