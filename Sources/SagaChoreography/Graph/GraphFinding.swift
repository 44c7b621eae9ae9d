/// What makes a choreography incomplete.
public enum GraphFinding: Sendable, Hashable, CustomStringConvertible {
    case neverEmitted(event: EventType, consumer: ServiceID)
    case neverConsumed(event: EventType, emitter: ServiceID)
    case notCompensated(step: ReactionID, on: EventType)
    case undoesNothing(compensation: ReactionID, step: ReactionID)

    public var description: String {
        switch self {
        case .neverEmitted(let event, let consumer):
            "\(consumer) waits for \(event), which nobody emits"
        case .neverConsumed(let event, let emitter):
            "\(emitter) emits \(event), which nobody consumes (mark it terminal if it is for observers)"
        case .notCompensated(let step, let event):
            "\(step) takes something and no compensation gives it back on \(event)"
        case .undoesNothing(let compensation, let step):
            "\(compensation) undoes \(step), which no participant has"
        }
    }
}

extension ChoreographyGraph {
    /// What is missing, empty for a complete choreography; sorted by text.
    public var findings: [GraphFinding] {
        var findings: Set<GraphFinding> = []
        let emitted = Set(nodes.flatMap(\.emits))
        let consumed = Set(nodes.compactMap(\.consumes))
        for node in nodes {
            if let event = node.consumes, !emitted.contains(event) {
                findings.insert(.neverEmitted(event: event, consumer: node.service))
            }
            for event in node.emits where !consumed.contains(event) && !terminal.contains(event) {
                findings.insert(.neverConsumed(event: event, emitter: node.service))
            }
            for step in node.undoes where !nodes.contains(where: { $0.id == step }) {
                findings.insert(.undoesNothing(compensation: node.id, step: step))
            }
            guard node.isCompensable else { continue }
            for abort in aborts {
                let isUndone = nodes.contains { $0.consumes == abort && $0.undoes.contains(node.id) }
                if !isUndone { findings.insert(.notCompensated(step: node.id, on: abort)) }
            }
        }
        return findings.sorted { $0.description < $1.description }
    }
}
