import Orders

/// What happened to one scenario's order, from beginning to end.
public struct DemoTimeline: Sendable, Encodable {
    public let scenario: DemoScenario.Name
    /// The order's id.
    public let order: String
    public let announced: DemoScenario.Ending
    public let ended: DemoScenario.Ending
    /// Milliseconds of the story from the order to the last thing that happened.
    public let duration: Int64
    public let steps: [DemoStep]
    /// What the customer, the shop and the gateway had before and after.
    public let before: [DemoQuantity: Int64]
    public let after: [DemoQuantity: Int64]
    /// What is not as it was announced; empty in a correct system.
    public let surprises: [String]

    public let isAsAnnounced: Bool

    init(
        _ scenario: DemoScenario, order: OrderView, steps: [DemoStep], before: DemoStanding, after: DemoStanding,
        isAtRest: Bool
    ) {
        self.scenario = scenario.name
        self.order = order.id.description
        announced = scenario.announced
        let paid = (before.amounts[.walletAvailable] ?? 0) - (after.amounts[.walletAvailable] ?? 0)
        ended = .init(order.shown, order.cause, order.refusal?.code, paid: paid)
        duration = steps.last?.at ?? 0
        self.steps = steps
        self.before = before.amounts
        self.after = after.amounts
        var surprises: [String] = []
        if !isAtRest { surprises.append("the order did not come to rest") }
        if ended != announced { surprises.append("it ended \(ended.text), not \(announced.text)") }
        let changes = after.changes(since: before)
        if order.shown != .completed, !changes.isEmpty {
            let left = changes.map { "\($0.key.rawValue) \($0.value)" }.sorted().joined(separator: ", ")
            surprises.append("not everything was given back: \(left)")
        }
        if let trouble = steps.first(where: { $0.disposition == .parked || $0.disposition == .retrying }) {
            surprises.append("\(trouble.service) could not handle \(trouble.trigger)")
        }
        self.surprises = surprises
        isAsAnnounced = surprises.isEmpty
    }
}
