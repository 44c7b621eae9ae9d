extension ChoreographyGraph {
    /// An event that has not happened, though what leads to it has.
    public struct NextStep: Sendable, Hashable {
        /// The event that is to come.
        public let event: EventType
        /// Who emits it.
        public let owner: ServiceID
        /// What its owner reacts to; `nil` if a command emits it, for which nothing has to happen first.
        public let trigger: EventType?

        /// A step that somebody else derived.
        public init(event: EventType, owner: ServiceID, trigger: EventType?) {
            self.event = event
            self.owner = owner
            self.trigger = trigger
        }
    }

    /// What has to happen next so that `goal` can: goes back from it, reaction by reaction, to what has happened.
    ///
    /// Of several ways the one with the fewest steps to go counts: an event that happened is never asked for again.
    public func next(toward goal: EventType, after happened: Set<EventType>) -> [NextStep] {
        var seen: Set<EventType> = [goal]
        var level = [goal]
        while !level.isEmpty {
            var steps: Set<NextStep> = []
            var further: [EventType] = []
            for event in level {
                for node in nodes where node.emits.contains(event) {
                    guard let trigger = node.consumes else { continue }
                    if happened.contains(trigger) {
                        steps.insert(NextStep(event: event, owner: node.service, trigger: trigger))
                    } else if seen.insert(trigger).inserted {
                        further.append(trigger)
                    }
                }
            }
            if !steps.isEmpty {
                return steps.sorted {
                    ($0.event, $0.owner, $0.trigger ?? goal) < ($1.event, $1.owner, $1.trigger ?? goal)
                }
            }
            level = further
        }
        return emitters(of: goal).map { NextStep(event: goal, owner: $0, trigger: nil) }
    }
}
