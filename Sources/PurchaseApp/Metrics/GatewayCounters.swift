import HTTPPaymentGateway
import Metrics

/// Counts calls of the payment gateway and shows whether it is left alone.
struct GatewayCounters: GatewayWatch {
    private struct Call: Hashable {
        let operation: GatewayOperation
        let outcome: GatewayOutcome
    }

    /// Made once: making an instrument looks it up by name.
    private let calls: [Call: Counter]
    private let resting = Gauge(label: "purchase_gateway_resting")

    init() {
        var calls: [Call: Counter] = [:]
        for operation in GatewayOperation.allCases {
            for outcome in GatewayOutcome.allCases {
                calls[Call(operation: operation, outcome: outcome)] = Counter(
                    label: "purchase_gateway_calls_total",
                    dimensions: [("operation", operation.rawValue), ("outcome", outcome.rawValue)])
            }
        }
        self.calls = calls
        resting.record(0)
    }

    func called(_ operation: GatewayOperation, _ outcome: GatewayOutcome) {
        calls[Call(operation: operation, outcome: outcome)]?.increment()
    }

    func rests(_ isResting: Bool) { resting.record(isResting ? 1 : 0) }
}
