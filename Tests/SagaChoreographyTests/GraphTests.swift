import FoundationEssentials
import SagaChoreography
import Testing

private protocol Plain: Event {}
extension Plain {
    var subject: UUID? { nil }
}
private struct Asked: Plain { static let type: EventType = "asked" }
private struct Taken: Plain { static let type: EventType = "taken" }
private struct Undone: Plain, Abort { static let type: EventType = "undone" }
private struct GivenBack: Plain { static let type: EventType = "given-back" }

private struct Ask: Command {
    static let id: ReactionID = "shop.ask"
    func execute(in step: Step<Int>) throws -> Decision<Bool, Asked> { Decision(true, emits: Asked()) }
}
private struct Take: Compensable, Reaction {
    static let id: ReactionID = "store.take"
    func react(to event: Asked, in step: Step<Int>) throws -> Reply<Taken, Never> { .accept(Taken()) }
}
private struct GiveUp: Reaction {
    static let id: ReactionID = "shop.give-up"
    func react(to event: Taken, in step: Step<Int>) throws -> Reply<Undone, Never> { .accept(Undone()) }
}
private struct GiveBack: Compensation {
    static let id: ReactionID = "store.give-back"
    static let undoes = [Take.id]
    func react(to event: Undone, in step: Step<Int>) throws -> Reply<GivenBack, Never> { .accept(GivenBack()) }
}
private struct Close: Reaction {
    static let id: ReactionID = "shop.close"
    func react(to event: GivenBack, in step: Step<Int>) throws -> Reply<Silence, Never> { .accept(Silence()) }
}

@Suite struct GraphTests {
    private let shop = Participant<Int>(service: "shop", commands: [.init(Ask.self)]) {
        GiveUp()
        Close()
    }
    private let store = Participant<Int>(service: "store") {
        Take()
        GiveBack()
    }

    @Test func `who only watches consumes nothing, and emits nothing`() {
        let watcher = Participant<Int>(observer: "watcher", of: [GivenBack.type, "unknown"])
        #expect(watcher.subscriptions == [GivenBack.type, "unknown"])
        let findings = ChoreographyGraph([shop.without(Close.id), store, watcher.without(Close.id)]).findings
            .map(\.description)
        #expect(
            findings == ["store emits given-back, which nobody consumes (mark it terminal if it is for observers)"])
    }

    @Test func `a complete choreography has no findings`() {
        #expect(ChoreographyGraph([shop, store]).findings.isEmpty)
    }

    @Test func `a removed compensation is named with the step it leaves open`() {
        let findings = ChoreographyGraph([shop, store.without("store.give-back")]).findings.map(\.description)
        #expect(findings.contains("store.take takes something and no compensation gives it back on undone"))
    }

    @Test func `a removed consumer is named with the event nobody consumes`() {
        let findings = ChoreographyGraph([shop.without("shop.close"), store]).findings.map(\.description)
        #expect(
            findings == ["store emits given-back, which nobody consumes (mark it terminal if it is for observers)"])
    }

    @Test func `a removed emitter is named with who waits for it`() {
        let findings = ChoreographyGraph([shop, store.without("store.take")]).findings.map(\.description)
        #expect(findings.contains("shop waits for taken, which nobody emits"))
        #expect(findings.contains("store.give-back undoes store.take, which no participant has"))
    }

    @Test func `the flow chart has an arrow for each pair of services`() {
        #expect(
            ChoreographyGraph([shop, store]).mermaid == """
                flowchart LR
                    shop[Shop]
                    store[Store]
                    shop -->|"asked<br/>undone"| store
                    store -->|"given-back<br/>taken"| shop

                """)
    }
}
