import PurchaseContracts

/// Why an order is to be undone, as its row records it.
struct OrderEnding: Sendable, Hashable {
    let cause: Cause
    let refusal: Refusal
}
