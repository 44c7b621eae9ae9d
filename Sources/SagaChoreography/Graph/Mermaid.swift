extension ChoreographyGraph {
    /// The graph as a Mermaid flow chart: an arrow for each pair of services, labelled with the events between them.
    public var mermaid: String {
        var labels: [Pair: Set<EventType>] = [:]
        for event in events {
            for emitter in emitters(of: event) {
                for consumer in consumers(of: event) where consumer != emitter {
                    labels[Pair(from: emitter, to: consumer), default: []].insert(event)
                }
            }
        }
        let services = Set(nodes.map(\.service)).sorted()
        var lines = ["flowchart LR"]
        lines += services.map { "    \($0)[\($0.name.capitalizedFirst)]" }
        for (pair, events) in labels.sorted(by: { $0.key < $1.key }) {
            let label = events.sorted().map(\.name).joined(separator: "<br/>")
            lines.append("    \(pair.from) -->|\"\(label)\"| \(pair.to)")
        }
        for event in terminal.sorted() {
            for emitter in emitters(of: event) {
                lines.append("    \(emitter) -.->|\"\(event)\"| observers([observers])")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The graph as a Markdown table: event, who emits it, who reacts to it.
    public var table: String {
        var lines = ["| Event | Emitted by | Consumed by |", "| --- | --- | --- |"]
        for event in events {
            let emitters = emitters(of: event).map(\.name).joined(separator: ", ")
            let consumers = consumers(of: event).map(\.name).joined(separator: ", ")
            lines.append("| `\(event)` | \(emitters) | \(consumers.isEmpty ? "observers" : consumers) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private struct Pair: Hashable, Comparable {
        let from: ServiceID
        let to: ServiceID

        static func < (a: Pair, b: Pair) -> Bool { (a.from, a.to) < (b.from, b.to) }
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
