import Orders
import PurchaseAPI
import PurchaseContracts
import SQLCore
import SagaChoreography

/// Plays scenarios on a store of their own: it wakes one service after the other for one event at a time, so that a reader can
/// follow who reacts to what. The services are those that a server runs; none of them knows that it is watched.
public struct DemoPlayer: Sendable {
    /// A story that takes longer has gone wrong.
    private static let patience = Duration.seconds(120)

    private let stage: DemoStage
    private let compensations: Set<ReactionID>

    /// - Parameters:
    ///   - database: fresh; the demo is all that is ever in it.
    ///   - language: of the names of items and of what the customer is told.
    ///   - machine: where the time comes from.
    /// - Throws: ``SQLError``.
    public init(
        _ database: any SQLDatabase, language: Language, pace: DemoPace, machine: any SagaClock = SystemClock()
    ) async throws {
        stage = try await DemoStage(database, language: language, pace: pace, machine: machine)
        let reactions = stage.system.participants.flatMap(\.reactions)
        compensations = Set(reactions.filter { !$0.undoes.isEmpty }.map(\.id))
    }

    /// Plays one scenario until nothing is under way.
    ///
    /// - Parameter tell: hears of each step once it is committed; the next one waits for it, and for the pace.
    /// - Throws: what the services throw; a scenario that ends in another way than announced is no error.
    public func play(
        _ scenario: DemoScenario, tell: @Sendable (DemoStep) async throws -> Void
    ) async throws -> DemoTimeline {
        let cast = try await stage.prepare(scenario)
        while try await wakeEveryone() {}
        _ = stage.recorder.take()

        let before = try await stage.standing(of: cast, order: nil)
        let order = try await stage.place(scenario, cast)
        var scene = Scene(
            order: order, cast: cast, standing: before, steps: [], cancelsAfter: scenario.cancelsAfter)
        try await observe(&scene, .request(PlaceOrder.id.name), tell)
        let isAtRest = try await run(&scene, tell)

        let after = try await stage.standing(of: cast, order: order.id)
        return DemoTimeline(
            scenario, order: after.order ?? order, steps: scene.steps, before: before, after: after, isAtRest: isAtRest)
    }

    /// Checks every invariant of everything that was played.
    ///
    /// - Throws: ``SQLError``.
    public func verify() async throws -> VerifyReport {
        try await Verifier(stage.database, clock: stage.clock, participants: stage.system.participants).run()
    }
}

// MARK: One order

extension DemoPlayer {
    /// An order that is being played.
    private struct Scene {
        let order: OrderView
        let cast: DemoCast
        var standing: DemoStanding
        var steps: [DemoStep]
        /// `nil` once the customer has cancelled, or if he does not.
        var cancelsAfter: EventType?
    }

    /// Who was just called.
    private enum Called {
        case request(String)
        case activity(String)
    }

    /// - Returns: whether the order is settled and nothing is left to do.
    private func run(_ scene: inout Scene, _ tell: (DemoStep) async throws -> Void) async throws -> Bool {
        let end = scene.order.orderedAt + Self.patience
        while stage.clock.now() < end {
            var hasWorked = false
            var wakeAt: Timestamp?
            for activity in stage.system.activities {
                switch try await activity.poll() {
                case .worked:
                    hasWorked = true
                    try await observe(&scene, .activity(activity.name), tell)
                case .idle(let due):
                    if let due { wakeAt = min(wakeAt ?? due, due) }
                }
            }
            if hasWorked { continue }
            if scene.standing.order?.settledAt != nil { return true }
            guard let wakeAt else { return false }
            try await stage.wait(max(.milliseconds(1), wakeAt - stage.clock.now()))
        }
        return false
    }

    /// Calls every activity once.
    ///
    /// - Returns: whether one of them had something to do.
    private func wakeEveryone() async throws -> Bool {
        var hasWorked = false
        for activity in stage.system.activities where try await activity.poll() == .worked { hasWorked = true }
        return hasWorked
    }

    /// Looks at what the last call did, tells it, and lets the customer act if it is his turn.
    private func observe(
        _ scene: inout Scene, _ called: Called, _ tell: (DemoStep) async throws -> Void
    ) async throws {
        let heard = stage.recorder.take()
        let now = try await stage.standing(of: scene.cast, order: scene.order.id)
        let at = (stage.clock.now() - scene.order.orderedAt).wholeMilliseconds
        let change = Change(at: at, before: scene.standing, now: now)
        scene.standing = now
        let steps = try heard.reports.map { try step($0, change) } + [step(called, heard, change)].compactMap { $0 }
        for step in steps {
            scene.steps.append(step)
            try await tell(step)
            if step.isClosing || stage.pace.reading == .zero { continue }
            try await stage.pace.pause(stage.pace.reading)
        }
        stage.clock.goOn()
        if let event = scene.cancelsAfter, steps.contains(where: { $0.emitted.contains(event.name) }) {
            scene.cancelsAfter = nil
            _ = try await stage.system.commands(of: OrdersParticipant.service).run(
                CancelOrder(order: scene.order.id, requestedBy: .user(scene.cast.user)))
            try await observe(&scene, .request(CancelOrder.id.name), tell)
        }
    }
}

// MARK: From what was heard to a step

extension DemoPlayer {
    /// The world before and after a call.
    private struct Change {
        let at: Int64
        let before: DemoStanding
        let now: DemoStanding
    }

    private func step(_ report: DeliveryReport, _ change: Change) throws -> DemoStep {
        let service = report.group.name
        let transition = change.now.transition(of: service, since: change.before)
        let isUndone = report.reaction.map(compensations.contains) ?? false
        let hasEffect = transition != nil || !report.emitted.isEmpty
        return DemoStep(
            at: change.at, service: service, kind: .reaction, trigger: report.envelope.type.name,
            reaction: report.reaction?.name, disposition: report.disposition,
            isCompensation: isUndone && hasEffect, transition: transition,
            changes: change.now.changes(since: change.before), emitted: report.emitted.map(\.type.name),
            refusal: report.disposition == .refused ? try Self.refusal(in: report.emitted) : nil,
            waitsFor: report.group == OrdersParticipant.service ? change.now.missing : [], gatewayCalls: [],
            messages: [])
    }

    /// What a command or a worker did; `nil` if it did nothing that concerns an order.
    private func step(_ called: Called, _ heard: DemoRecorder.Heard, _ change: Change) throws -> DemoStep? {
        let emitted = heard.emittedByCommands
        guard !emitted.isEmpty || !heard.calls.isEmpty || !heard.messages.isEmpty else { return nil }
        let (kind, trigger): (DemoStep.Kind, String) =
            switch called {
            case .request(let name): (.request, name)
            case .activity(let name): (.worker, name)
            }
        let service = trigger.split(separator: ".").first.map(String.init) ?? trigger
        let isDeclined = heard.calls.contains { $0.answer == .declined }
        return DemoStep(
            at: change.at, service: service, kind: kind, trigger: trigger, reaction: nil,
            disposition: isDeclined ? .refused : .applied, isCompensation: heard.calls.contains { $0.asked == .refund },
            transition: change.now.transition(of: service, since: change.before),
            changes: change.now.changes(since: change.before), emitted: emitted.map(\.type.name),
            refusal: isDeclined ? try Self.refusal(in: emitted) : nil, waitsFor: [], gatewayCalls: heard.calls,
            messages: heard.messages)
    }

    /// Why the first of these events says that something cannot be done.
    private static func refusal(in events: [Envelope]) throws -> Refusal? {
        func refusal<E: RefusedOrderEvent>(_ type: E.Type, _ event: Envelope) throws -> Refusal? {
            event.type == type.type ? try event.decode(type).refusal : nil
        }
        let types: [any RefusedOrderEvent.Type] = [
            CouponValidationFailed.self, UserValidationFailed.self, InventoryReservationFailed.self,
            ItemReservationFailed.self, PaymentFailed.self,
        ]
        for event in events {
            for type in types {
                if let found = try refusal(type, event) { return found }
            }
        }
        return nil
    }
}
